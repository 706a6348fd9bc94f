import { describe, expect, it } from 'vitest';
import { closeRun, findPlan, findRun, listRuns, type NewRun, openRun, type RunKey, runIds, updateRun } from '../../metadata/index.ts';
import type { Plan } from '../../pipelines/plan.ts';
import { newKey, useDatabase } from './database.ts';

const on = useDatabase();

const plan = (pipeline: string): Plan => ({
  planVersion: 1,
  pipeline,
  version: 'v1',
  project: 'shop',
  stack: 'local',
  context: { lr: 0.1 },
  steps: [],
});

async function open({ runId, executionId }: RunKey, more: Partial<NewRun> = {}): Promise<string> {
  return openRun(on.db, {
    runId,
    executionId,
    plan: plan('training'),
    planHash: 'hash-of-training',
    request: {},
    params: { lr: 0.1 },
    module: 'pipelines/training.ts',
    startedAt: new Date(),
    ...more,
  });
}

describe('a run', () => {
  it('is opened with its plan, its request, and labels of its own', async () => {
    const key = newKey();
    const request = { tags: ['nightly', 'a "b" {c}, \\d'], experiment: 'lr sweep', project: 'fraud', params: { lr: 0.5, name: '5' } };
    const startedAt = new Date('2026-01-02T03:04:05.678Z');
    await open(key, { request, params: request.params, startedAt });
    expect(await findRun(on.db, key.runId)).toMatchObject({
      runId: key.runId,
      executionId: key.executionId,
      pipeline: 'training',
      version: 'v1',
      project: 'fraud',
      stack: 'local',
      status: 'running',
      request,
      params: request.params,
      experiment: 'lr sweep',
      tags: request.tags,
      startedAt,
      endedAt: null,
      error: null,
    });
    expect(await findPlan(on.db, 'hash-of-training')).toEqual(plan('training'));
    expect(await findPlan(on.db, 'never')).toBeUndefined();
  });

  it('takes project and experiment from the pipeline where the request names none', async () => {
    const key = newKey();
    await open(key);
    expect(await findRun(on.db, key.runId)).toMatchObject({ project: 'shop', experiment: 'training', tags: [] });
  });

  it('is not changed by being opened again', async () => {
    const key = newKey();
    await open(key, { params: { lr: 1 } });
    await closeRun(on.db, key, { status: 'succeeded', endedAt: new Date() });
    await open(key, { params: { lr: 2 } });
    expect(await findRun(on.db, key.runId)).toMatchObject({ status: 'succeeded', params: { lr: 1 } });
  });

  it('keeps the plan that it began with, whatever code a later worker has', async () => {
    const key = newKey();
    expect(await open(key)).toBe('hash-of-training');
    expect(await open(key, { plan: plan('training'), planHash: 'hash-of-an-edit' })).toBe('hash-of-training');
    expect(await findRun(on.db, key.runId)).toMatchObject({ planHash: 'hash-of-training' });
  });

  it('notes what it waits for, until it has ended', async () => {
    const key = newKey();
    const waiting = { review: { message: 'Ship it?', since: '2026-01-02T03:04:05.678Z' } };
    await open(key);
    await updateRun(on.db, key, { status: 'waiting', waiting });
    expect(await findRun(on.db, key.runId)).toMatchObject({ status: 'waiting', waiting });
    await updateRun(on.db, key, { status: 'running' });
    expect(await findRun(on.db, key.runId)).toMatchObject({ status: 'running', waiting });
    await closeRun(on.db, key, { status: 'failed', endedAt: new Date() });
    await updateRun(on.db, key, { status: 'paused', waiting: {} });
    expect(await findRun(on.db, key.runId)).toMatchObject({ status: 'failed', waiting });
  });

  it('keeps its first end', async () => {
    const key = newKey();
    await open(key);
    const endedAt = new Date('2026-01-02T03:04:05.678Z');
    const error = { type: 'TypeError', message: "step 'a': it's \u0000 broken" };
    await closeRun(on.db, key, { status: 'failed', error, endedAt });
    await closeRun(on.db, key, { status: 'succeeded', endedAt: new Date() });
    const kept = { type: 'TypeError', message: "step 'a': it's \ufffd broken" };
    expect(await findRun(on.db, key.runId)).toMatchObject({ status: 'failed', error: kept, endedAt });
  });

  it('with an id that was used before is another run; the newest is found by the id alone', async () => {
    const [old, fresh] = [newKey(), newKey()];
    fresh.runId = old.runId;
    await open(fresh, { startedAt: new Date('2026-02-02T00:00:00Z'), params: { lr: 2 } });
    await open(old, { startedAt: new Date('2026-01-01T00:00:00Z'), params: { lr: 1 } });
    await closeRun(on.db, old, { status: 'cancelled', endedAt: new Date() });
    expect(await findRun(on.db, old.runId)).toMatchObject({ executionId: fresh.executionId, status: 'running' });
    expect(await findRun(on.db, old.runId, old.executionId)).toMatchObject({ params: { lr: 1 }, status: 'cancelled' });
    expect(await findRun(on.db, old.runId, 'never')).toBeUndefined();
    expect(await findRun(on.db, 'never')).toBeUndefined();
  });
});

describe('runs', () => {
  it('are listed newest first, by pipeline and by status', async () => {
    const keys = [newKey(), newKey(), newKey()];
    const pipeline = `listed-${keys[0]?.runId}`;
    for (const [i, key] of keys.entries()) await open(key, { plan: plan(pipeline), planHash: pipeline, startedAt: new Date(1e12 + i) });
    await closeRun(on.db, keys[1] as RunKey, { status: 'failed', endedAt: new Date() });
    const list = async (filter: Parameters<typeof listRuns>[1]) => (await listRuns(on.db, { pipeline, ...filter })).map((row) => row.runId);
    const [first, second, third] = keys.map((key) => key.runId);
    expect(await list({})).toEqual([third, second, first]);
    expect(await list({ limit: 2 })).toEqual([third, second]);
    expect(await list({ status: 'failed' })).toEqual([second]);
    expect(await list({ status: 'succeeded' })).toEqual([]);
  });

  it('give their ids for suggestions: the newest, each once', async () => {
    const [a, b] = [newKey(), newKey()];
    await open(a, { startedAt: new Date('2100-01-01T00:00:00Z') });
    await open({ ...a, executionId: 'again' }, { startedAt: new Date('2100-01-02T00:00:00Z') });
    await open(b, { startedAt: new Date('2100-01-03T00:00:00Z') });
    expect(await runIds(on.db, 2)).toEqual([b.runId, a.runId]);
  });
});
