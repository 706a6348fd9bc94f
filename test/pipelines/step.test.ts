import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { table } from '../../pipelines/artifact-types.ts';
import { isStep, step } from '../../pipelines/step.ts';
import { detachedRun, type StepRun } from '../../pipelines/step-run.ts';

describe('a step', () => {
  it('holds what it was defined with, and nothing where it was not', () => {
    const outputs = { weight: z.number() };
    const options = { description: 'Fits.', group: 'gpu', retry: { maxAttempts: 2 }, timeout: 5, tags: ['x'], after: ['load'] };
    expect(step({ name: 'train', outputs, ...options }, () => 1)).toMatchObject({
      name: 'train',
      inputs: {},
      outputs,
      params: {},
      ...options,
    });
    expect(Object.keys(step({ name: 'bare' }, () => {})).sort()).toEqual(['fn', 'inputs', 'name', 'outputs', 'params']);
  });

  it('is known by its brand, also one that another copy of flowyml made', () => {
    expect(isStep(step({ name: 's' }, () => {}))).toBe(true);
    expect(isStep({ [Symbol.for('flowyml.step')]: true })).toBe(true);
    expect([undefined, null, 's', () => {}, {}, { name: 's', fn() {} }, table()].map(isStep)).toEqual(Array(7).fill(false));
  });
});

describe('its function, called by hand', () => {
  it('gets inputs and params, and gives what it returns', async () => {
    const train = step(
      { name: 'train', inputs: { data: z.array(z.number()) }, params: { lr: z.number() }, outputs: { weight: z.number() } },
      ({ data, lr }) => data.length * lr,
    );
    expect(train.fn({ data: [1, 2], lr: 0.5 })).toBe(1);
    const { fn } = train;
    expect(fn({ data: [1], lr: 2 })).toBe(2);
    const slow = step({ name: 'slow', outputs: { n: z.number() } }, async () => 3);
    await expect(slow.fn({})).resolves.toBe(3);
  });

  it('throws what it throws', () => {
    const bad = step({ name: 'bad' }, () => {
      throw new TypeError('no such column');
    });
    expect(() => bad.fn({})).toThrow(new TypeError('no such column'));
  });

  it('gets the run that the caller gives', () => {
    const metric = vi.fn();
    const run: StepRun = { ...detachedRun('s'), runId: 'r1', attempt: 2, metric };
    const s = step({ name: 's', outputs: { id: z.string() } }, (_, run) => {
      run.metric('loss', 0.1, { step: 1 });
      return `${run.runId} ${run.attempt}`;
    });
    expect(s.fn({}, run)).toBe('r1 2');
    expect(metric).toHaveBeenCalledExactlyOnceWith('loss', 0.1, { step: 1 });
  });

  it('gets a run of its own where the caller gives none: its log is the console', () => {
    const lines: unknown[][] = [];
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...args) => void lines.push([level, ...args]));
    }
    try {
      const s = step({ name: 's', outputs: { facts: z.unknown() } }, (_, run) => {
        run.progress(0.5, 'half way');
        run.metric('loss', 0.1);
        for (const level of ['debug', 'info', 'warn', 'error'] as const) run.log[level](`to ${level}`, { n: 1 });
        run.log.info('alone');
        const { runId, pipeline, step, attempt, workDir, signal } = run;
        return { runId, pipeline, step, attempt, workDir, aborted: signal.aborted };
      });
      expect(s.fn({})).toEqual({ runId: 'detached', pipeline: 'detached', step: 's', attempt: 1, workDir: '.', aborted: false });
      expect(lines).toEqual([
        ['debug', 'to debug', { n: 1 }],
        ['info', 'to info', { n: 1 }],
        ['warn', 'to warn', { n: 1 }],
        ['error', 'to error', { n: 1 }],
        ['info', 'alone'],
      ]);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
