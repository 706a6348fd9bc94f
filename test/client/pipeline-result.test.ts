import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { PipelineResult } from '../../client/pipeline-result.ts';
import { pipeline, step } from '../../pipelines/index.ts';
import type { ArtifactRef, RunResult, StepResult } from '../../pipelines/run-result.ts';
import { localStore } from '../../stacks/local-store.ts';

const load = step({ name: 'load', outputs: { data: z.array(z.number()), note: z.string() } }, () => ({ data: [1], note: 'x' }));
const train = step({ name: 'train', inputs: { data: z.array(z.number()) }, outputs: { model: z.object({ weight: z.number() }) } }, () => ({
  weight: 1,
}));
const report = step({ name: 'report', inputs: { model: z.object({ weight: z.number() }) } }, () => 'written');
const training = pipeline('training', { steps: [load, train, report] });

const ref = (value: ArtifactRef['value']): ArtifactRef => ({
  sha256: '0'.repeat(64),
  type: 'json',
  size: 1,
  ...(value === undefined ? {} : { value }),
});
const stepResult = (outputs: Record<string, ArtifactRef>, rest: Partial<StepResult> = {}): StepResult => ({
  status: 'succeeded',
  attempts: 1,
  durationMs: 1234,
  outputs,
  ...rest,
});
const runResult = (rest: Partial<RunResult> = {}): RunResult => ({
  runId: 'training-1',
  pipeline: 'training',
  version: 'v1',
  project: 'p',
  stack: 'local',
  status: 'succeeded',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 65_000,
  steps: {
    load: stepResult({ data: ref(undefined), note: ref('hello') }),
    train: stepResult({ model: ref({ weight: 2 }) }, { attempts: 3 }),
    report: stepResult({ result: ref('written') }),
  },
  ...rest,
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowyml-result-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const resultOf = (result: RunResult) => new PipelineResult(result, training, localStore(join(folder, 'store')), join(folder, 'work'));

describe('a PipelineResult', () => {
  it('of a run that succeeded has its values, typed by the pipeline', async () => {
    const result = resultOf(runResult());
    expect(result).toMatchObject({
      success: true,
      status: 'succeeded',
      runId: 'training-1',
      pipelineName: 'training',
      durationMs: 65_000,
      error: undefined,
    });
    // What was too large for the result itself is not among them.
    expect(result.outputs).toEqual({ note: 'hello', model: { weight: 2 } });
    expectTypeOf(result.outputs.model).toEqualTypeOf<{ weight: number } | undefined>();
    const model = await result.output('model');
    expectTypeOf(model).toEqualTypeOf<{ weight: number }>();
    expect(model.weight).toBe(2);
    expect(await result.output('report')).toBe('written');
    expect(result.step('train')).toMatchObject({ attempts: 3 });
    expect(Object.keys(result.steps)).toEqual(['load', 'train', 'report']);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result.result);
  });

  it('reads a large value from the store', async () => {
    const store = localStore(join(folder, 'store'));
    const { sha256, uri } = await store.put(Readable.from([Buffer.from('[1,2,3]')]));
    const stored = stepResult({ data: { sha256, uri, type: 'json', size: 7 }, note: ref('') });
    const result = resultOf(runResult({ steps: { load: stored } }));
    const data = await result.output('data');
    expectTypeOf(data).toEqualTypeOf<number[]>();
    expect(data).toEqual([1, 2, 3]);
  });

  it('says which names there are', async () => {
    const result = resultOf(runResult());
    expect(() => result.step('trian')).toThrow("run 'training-1' has no step 'trian'; did you mean 'train'?");
    await expect(result.output('modle')).rejects.toThrow("pipeline 'training' has no output 'modle'; did you mean 'model'?");
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(() => result.step(name)).toThrow(`has no step '${name}'`);
      await expect(result.output(name)).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  it('of a run that failed has its error, and refuses what was never made', async () => {
    const result = resultOf(
      runResult({
        status: 'failed',
        steps: {
          load: stepResult({}, { status: 'failed', error: { type: 'RangeError', message: 'too few rows' } }),
          train: stepResult({}, { status: 'skipped', reason: "needs 'load', which failed", attempts: 0 }),
        },
      }),
    );
    expect(result.success).toBe(false);
    expect(result.error).toEqual({ step: 'load', type: 'RangeError', message: 'too few rows' });
    expect(result.outputs).toEqual({});
    await expect(result.output('model')).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: "run 'training-1' has no output 'model': step 'train' skipped",
    });
    await expect(result.output('report')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('has a summary for people', () => {
    expect(
      resultOf(runResult({ status: 'cancelled' }))
        .summary()
        .split('\n'),
    ).toEqual([
      'Run training-1 of training (version v1, stack local): cancelled in 1m 5s',
      '  load    succeeded  1.2s  data: json  note: json',
      '  train   succeeded  1.2s  3 attempts  model: json',
      '  report  succeeded  1.2s  result: json',
    ]);
  });
});
