import { expect, it } from 'vitest';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { type RunIdentity, runResult } from '../../workflows/result.ts';
import { RunState } from '../../workflows/state.ts';
import { bad, ok, planned } from './planned.ts';

const startedAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const ref: ArtifactRef = { sha256: 'a'.repeat(64), type: 'json', size: 1, value: 1, preview: '1' };

it('before the run is planned there is nothing to say of steps', () => {
  const run: RunIdentity = { runId: 'r1', pipeline: 'training', startedAt, planned: undefined };
  const { durationMs, ...result } = runResult(run, undefined, 'running');
  expect(result).toEqual({
    runId: 'r1',
    pipeline: 'training',
    version: '',
    project: '',
    stack: '',
    status: 'running',
    startedAt: '2026-01-02T03:04:05.678Z',
    steps: {},
  });
  expect(Math.abs(durationMs - (Date.now() - startedAt))).toBeLessThan(5000);
});

it('steps say how they ended, that they run, or that they wait for their turn', () => {
  const plan = planned(['a', 'b', { name: 'c', group: 'gpu', dependsOn: ['a', 'b'], after: ['a', 'b'] }, 'd']);
  const state = new RunState(plan);
  for (let i = 0; i < 3; i++) state.next();
  state.end('a', ok({ x: ref }));
  state.end('b', bad);
  const result = runResult({ runId: 'r1', pipeline: 'training', startedAt, planned: plan }, state, 'running');
  expect(result).toMatchObject({ version: 'v1', project: 'shop', stack: 'local' });
  expect(result.steps).toEqual({
    a: { ...ok({ x: ref }), stack: 'local' },
    b: { ...bad, stack: 'local' },
    c: { status: 'skipped', reason: "needs 'b', which failed", attempts: 0, durationMs: 0, outputs: {}, stack: 'local', group: 'gpu' },
    d: { status: 'running', attempts: 0, durationMs: 0, outputs: {}, stack: 'local' },
  });
  expect(result).not.toHaveProperty('outputsOmitted');
});

it('steps that nothing has reached are pending', () => {
  const plan = planned(['a', 'a -> b']);
  expect(runResult({ runId: 'r1', pipeline: 'p', startedAt, planned: plan }, new RunState(plan), 'running').steps.b).toMatchObject({
    status: 'pending',
    attempts: 0,
  });
});

it.each([
  [200, false],
  [300, true],
])('of %d outputs of 1 KiB: too large for one payload is %s', (count, omitted) => {
  const outputs = Object.fromEntries(Array.from({ length: count }, (_, i) => [`o${i}`, { ...ref, value: 'x'.repeat(1024) }]));
  const plan = planned(['a', 'b', 'c'], { a: ok(outputs), b: ok({ x: ref }), c: bad });
  const result = runResult({ runId: 'r1', pipeline: 'p', startedAt, planned: plan }, new RunState(plan), 'failed');
  expect(result.outputsOmitted).toBe(omitted ? true : undefined);
  expect(Object.keys(result.steps.a?.outputs ?? {})).toHaveLength(omitted ? 0 : count);
  expect(Object.keys(result.steps.b?.outputs ?? {})).toHaveLength(omitted ? 0 : 1);
  // All else stays.
  expect(result.steps.a).toMatchObject({ status: 'succeeded', attempts: 1, durationMs: 5 });
  expect(result.steps.c?.error).toEqual(bad.error);
  expect(JSON.stringify(result).length).toBeLessThan(256 * 1024);
});
