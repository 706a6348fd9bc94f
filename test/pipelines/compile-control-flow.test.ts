import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { approval } from '../../pipelines/approval.ts';
import { webhook } from '../../pipelines/hooks.ts';
import { mapStep } from '../../pipelines/map-step.ts';
import type { PipelineOptions } from '../../pipelines/pipeline.ts';
import type { AnyStep } from '../../pipelines/step.ts';
import { make, only, planOf, problemsOf } from './steps.ts';

const n = z.number();
const load = make('load', { outputs: { data: n } });
const numbers = make('numbers', { outputs: { numbers: z.array(n) } });

describe('conditions and fallbacks', () => {
  it('are said in the plan, which holds no code', () => {
    expect(only(planOf([make('a', { when: () => true, onFailure: () => 1 })]))).toMatchObject({ conditional: true, onFailure: 'fallback' });
    expect(only(planOf([make('a', { onFailure: 'continue' })])).onFailure).toBe('continue');
    expect(only(planOf([make('a')]))).not.toHaveProperty('conditional');
  });

  it.each([
    [{ when: true }, "step 'a': when: expected a function of (inputs, params)"],
    [{ onFailure: 'ignore' }, `step 'a': onFailure: "ignore" is not 'continue' or a function of (error, args)`],
  ])('%j is refused', (options, problem) => {
    expect(problemsOf([make('a', options)])).toEqual([problem]);
  });
});

describe('maps', () => {
  const square = (options: object = {}) =>
    mapStep({ name: 'square', items: 'numbers', item: n, outputs: { squares: n }, ...options }, ({ item }) => item ** 2);

  it('take an array and give arrays', () => {
    const [, map] = planOf([square({ batchSize: 10, concurrency: 2 }), numbers]).steps;
    expect(map).toMatchObject({
      inputs: { numbers: { step: 'numbers', output: 'numbers' } },
      outputs: { squares: { type: 'json', schema: { type: 'array', items: { type: 'number' } } } },
      map: { items: 'numbers', batchSize: 10, concurrency: 2, onItemError: 'fail' },
    });
    expect(planOf([square(), numbers]).steps[1]?.map).toEqual({ items: 'numbers', concurrency: 8, onItemError: 'fail' });
  });

  it('give null for items that failed, where they collect', () => {
    const schema = planOf([square({ onItemError: 'collect' }), numbers]).steps[1]?.outputs.squares?.schema;
    expect(schema).toEqual({ type: 'array', items: { type: ['number', 'null'] } });
  });

  it('of what is no array are refused', () => {
    expect(problemsOf([square(), make('numbers', { outputs: { numbers: n } })])).toEqual([
      "step 'square': input 'numbers' is array, but step 'numbers' produces number",
    ]);
    expect(problemsOf([square(), load])).toEqual(["step 'square': no step produces input 'numbers'; known: squares, data"]);
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize: 0'],
    [{ batchSize: 1.5 }, 'batchSize: 1.5'],
    [{ concurrency: -1 }, 'concurrency: -1'],
  ])('with %j are refused', (options, shown) => {
    expect(() => square(options)).toThrow(`step 'square': ${shown} is not a whole number of at least 1`);
  });

  it('can be called by hand: all items, in order', async () => {
    await expect(square().fn({ numbers: [3, 1, 2] })).resolves.toEqual([9, 1, 4]);
    const both = mapStep({ name: 'both', items: 'numbers', item: n, outputs: { a: n, b: z.string() } }, ({ item }) => ({
      a: item,
      b: `${item}`,
    }));
    await expect(both.fn({ numbers: [1, 2] })).resolves.toEqual({ a: [1, 2], b: ['1', '2'] });
  });
});

describe('approvals', () => {
  it('say whom to ask what, how long, and what then', () => {
    const review = approval({
      name: 'review',
      after: [load],
      message: 'Ship it?',
      timeout: '7 days',
      onTimeout: 'reject',
      description: 'A look.',
    });
    expect(planOf([review, load]).steps[1]).toMatchObject({
      description: 'A look.',
      dependsOn: ['load'],
      after: ['load'],
      approval: { message: 'Ship it?', timeoutMs: 604_800_000, onTimeout: 'reject' },
    });
    expect(only(planOf([approval({ name: 'review' })])).approval).toEqual({ onTimeout: 'fail' });
  });

  it('with a wrong time or a wrong end of it are refused', () => {
    const review = approval({ name: 'review', timeout: 'soon', onTimeout: 'wait' as 'fail' });
    expect(problemsOf([review])).toEqual([
      `step 'review': timeout: "soon" is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`,
      `step 'review': onTimeout: "wait" is not 'fail', 'approve' or 'reject'`,
    ]);
  });
});

describe('hooks', () => {
  const tell = make('tell', { params: { channel: z.string() } });
  const hooksOf = (options: PipelineOptions) =>
    planOf([load], options)
      .steps.filter((step) => step.hook)
      .map((step) => `${step.hook}: ${step.name}`);

  it('stand behind the course, each for its occasion, with a limit on how long they may hold up the end', () => {
    const plan = planOf([load], { onFailure: tell, onSuccess: [make('a'), make('b', { timeout: '1 s' })] });
    expect(plan.steps.map(({ name, hook, timeoutMs }) => [name, hook, timeoutMs])).toEqual([
      ['load', undefined, undefined],
      ['a', 'success', 600_000],
      ['b', 'success', 1000],
      ['tell', 'failure', 600_000],
    ]);
  });

  it('may share a step, and be one of the course', () => {
    expect(hooksOf({ onSuccess: tell, onFailure: tell, onCancel: load })).toEqual([
      'success: tell',
      'failure: tell_failure',
      'cancel: load_cancel',
    ]);
    expect(hooksOf({ onSuccess: webhook({ name: 'post', url: 'https://example.com' }) })).toEqual(['success: post']);
  });

  it.each<[string, object, string]>([
    ['what is no step', { onFailure: [undefined] }, 'onFailure: expected a step, made by step() or webhook()'],
    ['a function', { onSuccess: () => {} }, 'onSuccess: expected a step, made by step() or webhook()'],
    [
      'a step with inputs',
      { onCancel: make('c', { inputs: { data: n } }) },
      "onCancel: step 'c' takes inputs, which a hook cannot: the run's result is in run.result",
    ],
    [
      'a step after another',
      { onCancel: make('c', { after: ['load'] }) },
      "onCancel: step 'c' takes inputs, which a hook cannot: the run's result is in run.result",
    ],
    ['an approval', { onFailure: approval({ name: 'ask' }) }, "onFailure: step 'ask' is an approval: a hook must be a plain step"],
    ['a reserved name', { onFailure: make('default') }, "step name 'default' is reserved: choose another"],
  ])('cannot be %s', (_, options, problem) => {
    expect(problemsOf([load], options)).toEqual([problem]);
  });
});

describe('segments', () => {
  const g = (name: string, more: object = {}) => make(name, { group: 'g', ...more });
  const numbered = (steps: AnyStep[], colocate = true) => planOf(steps, { groups: { g: { colocate } } }).steps.map((step) => step.segment);

  it('are the steps of a group that shares a worker', () => {
    expect(numbered([g('a'), g('b', { after: ['a'] }), make('c', { after: ['b'] })])).toEqual([0, 0, undefined]);
    expect(numbered([g('a'), g('b', { after: ['a'] })], false)).toEqual([undefined, undefined]);
  });

  it.each<[string, object]>([
    ['a condition', { when: () => true }],
    ['a fallback', { onFailure: () => 1 }],
    ['a total timeout', { totalTimeout: '1 h' }],
  ])('leave out a step with %s', (_, options) => {
    expect(numbered([g('a'), g('b', { after: ['a'] }), g('c', options)])).toEqual([0, 0, undefined]);
  });
});
