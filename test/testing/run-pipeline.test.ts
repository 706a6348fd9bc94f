import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { approval, asset, dataset, mapStep, model, type Pipeline, pipeline, step, table } from '../../pipelines/index.ts';
import { runPipeline } from '../../testing/index.ts';

const n = z.number();
const load = step({ name: 'load', params: { rows: n.int().default(3) }, outputs: { data: z.array(n) } }, ({ rows }) =>
  Array.from({ length: rows }, (_, i) => i),
);
const train = step(
  { name: 'train', inputs: { data: z.array(n) }, params: { rate: n.positive() }, outputs: { model: z.object({ weight: n }) } },
  ({ data, rate }, run) => {
    run.metric('loss', 0.5, { step: 1 });
    run.log.info('trained', { rows: data.length });
    return { weight: data.length * rate };
  },
);
const training = pipeline('training', { steps: [train, load], context: { rate: 0.5 } });

describe('runPipeline()', () => {
  it('gives what the pipeline made, with its types, and what steps reported', async () => {
    const result = await runPipeline(training, { params: { rows: 4 } });
    expect(result.success).toBe(true);
    const made = await result.output('model');
    expect(made.weight).toBe(2);
    expect(result.outputs.data).toEqual([0, 1, 2, 3]);
    expect(result.step('train')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(result.metrics).toEqual([{ step: 'train', name: 'loss', value: 0.5, point: 1 }]);
    expect(result.logs).toEqual([{ step: 'train', level: 'info', text: 'trained { rows: 4 }' }]);
  });

  it('lets functions stand in for steps, whose outputs are checked like theirs', async () => {
    const result = await runPipeline(training, { steps: { load: () => [10, 20] } });
    expect(await result.output('model')).toEqual({ weight: 1 });
    const wrong = await runPipeline(training, { steps: { load: () => ['ten'] } });
    expect(wrong.error).toMatchObject({ step: 'load', type: 'OutputInvalid', message: expect.stringContaining('expected number') });
  });

  it('runs independent steps at the same time', async () => {
    let other: () => void = () => {};
    const met = new Promise<void>((resolve) => {
      other = resolve;
    });
    const waits = step({ name: 'waits' }, () => met);
    const comes = step({ name: 'comes' }, () => other());
    expect((await runPipeline(pipeline('meet', { steps: [waits, comes] }))).success).toBe(true);
  });

  it('passes tables, files and assets through a store, as a run does', async () => {
    const rows = step({ name: 'rows', outputs: { rows: table<{ a: number }>() } }, () => [{ a: 1 }, { a: 2 }]);
    const keep = step({ name: 'keep', inputs: { rows: table<{ a: number }>() }, outputs: { kept: dataset() } }, async ({ rows }) => ({
      data: await rows.toArray(),
      version: 'v7',
      properties: { rows: rows.numRows },
    }));
    const result = await runPipeline(pipeline('tables', { steps: [rows, keep] }));
    expect(await (await result.output('rows')).toArray()).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await result.output('kept')).toMatchObject({ name: 'kept', version: 'v7', properties: { rows: 2 } });
  });

  it('takes assets of other pipelines as they are given', async () => {
    const score = step(
      { name: 'score', inputs: { detector: asset('fraud-detector@v3', model(z.object({ weight: n }))) }, outputs: { scored: n } },
      ({ detector }) => detector.data.weight + 1,
    );
    const scoring = pipeline('scoring', { steps: [score] });
    const result = await runPipeline(scoring, { assets: { 'fraud-detector@v3': { data: { weight: 4 }, version: 'v3' } } });
    expect(result.outputs.scored).toBe(5);
    await expect(runPipeline(scoring)).rejects.toThrow(/step 'score' takes asset 'fraud-detector@v3': give one/);
  });

  it('goes on from a checkpoint in the next attempt, and does not wait for it', async () => {
    const long = step({ name: 'long', outputs: { done: n }, retry: { maxAttempts: 3, initialInterval: '1 hour' } }, async (_, run) => {
      const so = ((await run.checkpoint.load()) as number | undefined) ?? 0;
      await run.checkpoint.save(so + 1);
      if (so < 2) throw new Error('again');
      return so;
    });
    const result = await runPipeline(pipeline('long', { steps: [long] }));
    expect(result.outputs.done).toBe(2);
    expect(result.step('long').attempts).toBe(3);
  });

  it('ends an attempt at its timeout, and tells its function', async () => {
    let told = false;
    const slow = step({ name: 'slow', timeout: 50 }, async (_, run) => {
      await wait(60_000, undefined, { signal: run.signal }).catch(() => {
        told = true;
      });
    });
    const result = await runPipeline(pipeline('slow', { steps: [slow] }));
    expect(result.error).toMatchObject({ type: 'StepTimeout', message: expect.stringContaining('0.05 s') });
    expect(told).toBe(true);
  });

  it('is cancelled by its signal', async () => {
    const stop = new AbortController();
    const endless = step({ name: 'endless' }, async (_, run) => {
      stop.abort();
      await wait(60_000, undefined, { signal: run.signal });
    });
    let cleaned = '';
    const tidy = step({ name: 'tidy' }, (_, run) => {
      cleaned = run.result?.status ?? '';
    });
    const watched = pipeline('watched', { steps: [endless, step({ name: 'later', after: ['endless'] }, () => {})], onCancel: tidy });
    const result = await runPipeline(watched, { signal: stop.signal });
    expect(result.status).toBe('cancelled');
    expect(result.steps).toMatchObject({ endless: { status: 'cancelled' }, later: { status: 'cancelled' }, tidy: { status: 'succeeded' } });
    expect(cleaned).toBe('cancelled');
  });

  it('stands for the time that it is given', async () => {
    const day = step({ name: 'day', params: { day: z.string() }, outputs: { day: z.string(), at: z.string() } }, ({ day }, run) => ({
      day,
      at: run.scheduledTime ?? '',
    }));
    const daily = pipeline('daily', { steps: [day], context: { day: '{{ scheduled_date }}' } });
    const result = await runPipeline(daily, { scheduledTime: '2026-03-31T23:30:00Z', timezone: 'Europe/Berlin' });
    expect(result.outputs).toEqual({ day: '2026-04-01', at: '2026-03-31T23:30:00Z' });
  });

  it('calls a map for each item, and a function in its place', async () => {
    const numbers = step({ name: 'numbers', outputs: { numbers: z.array(n) } }, () => [1, 2, 3]);
    const square = mapStep({ name: 'square', items: 'numbers', item: n, outputs: { squares: n } }, ({ item }) => item ** 2);
    const squares = pipeline('squares', { steps: [numbers, square] });
    expect(await (await runPipeline(squares)).output('squares')).toEqual([1, 4, 9]);
    const negated = await runPipeline(squares, { steps: { square: ({ item }) => -item } });
    expect(await negated.output('squares')).toEqual([-1, -2, -3]);
    expect(negated.step('square').map).toEqual({ items: 3, failed: 0 });
  });

  it('needs to be told what people decide', async () => {
    const asks = pipeline('asks', { steps: [approval({ name: 'review' }), step({ name: 'ship', after: ['review'] }, () => {})] });
    await expect(runPipeline(asks)).rejects.toThrow(
      /step 'review' waits for a person: say what is decided.*approvals: \{ review: 'approve' \}/,
    );
    await expect(runPipeline(asks, { approvals: { review: 'timeout' } })).rejects.toThrow(
      /step 'review' has no timeout: it would wait for ever/,
    );
    expect((await runPipeline(asks, { approvals: { review: 'reject' } })).step('ship').status).toBe('skipped');
  });

  it.each([
    [{ params: { rat: 1 } }, /unknown param 'rat'; did you mean 'rate'\?/],
    [{ params: { rate: -1 } }, /param 'rate' of step 'train'/],
    [{ steps: { lod: () => 1 } }, /steps: pipeline 'training' has no step 'lod'; did you mean 'load'\?/],
    [{ approvals: { trian: 'approve' as const } }, /approvals: pipeline 'training' has no step 'trian'; did you mean 'train'\?/],
  ])('refuses %j', async (options, says) => {
    await expect(runPipeline(training, options)).rejects.toThrow(says);
  });

  it('refuses a pipeline that cannot be wired, and what is none', async () => {
    const broken: Pipeline = pipeline('broken', { steps: [train] as never });
    await expect(runPipeline(broken as never)).rejects.toThrow(/step 'train': no step produces input 'data'/);
    await expect(runPipeline({} as never)).rejects.toThrow(/takes a pipeline/);
  });
});
