import { describe, expect, it } from 'vitest';
import { compile } from '../../pipelines/compile.ts';
import { type GroupLimits, smallestLimits } from '../../pipelines/group-limits.ts';
import { pipeline } from '../../pipelines/pipeline.ts';
import { make, only, planOf, problemsOf } from './steps.ts';

const DURATION = "is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'";

describe('groups', () => {
  it('name a task queue of their own; other steps run on the project’s', () => {
    const plan = planOf([make('a', { group: 'data_ingest' }), make('b'), make('c', { group: 'training-cluster' })]);
    expect(plan.steps.map(({ group, taskQueue }) => [group, taskQueue])).toEqual([
      ['data_ingest', 'shop.local.data_ingest'],
      [undefined, 'shop'],
      ['training-cluster', 'shop.local.training-cluster'],
    ]);
  });

  it('give their resources to steps that name none', () => {
    const groups = { gpu: { resources: { memory: '1Gi', gpu: 'nvidia-l4' } } };
    const plan = planOf([make('a', { group: 'gpu' }), make('b', { group: 'gpu', resources: { cpu: 2 } }), make('c')], { groups });
    expect(plan.steps.map((s) => s.resources)).toEqual([groups.gpu.resources, { cpu: 2 }, undefined]);
  });

  it('are checked, also where no step uses them', () => {
    expect(problemsOf([make('a')], { groups: { 'b d': {}, gpu: { resources: { mem: '1Gi' } as object } } })).toEqual([
      `group name "b d" is not allowed: use 1 to 64 letters, digits, '_' or '-'`,
      "group 'gpu': resources: unknown key 'mem'; known: cpu, memory, gpu, gpuCount, diskSize, machineType, preemptible, autoscaling",
    ]);
  });
});

describe('limits of groups', () => {
  const steps = [make('a', { group: 'gpu' }), make('b')];
  const groups = { gpu: { maxConcurrent: 2, maxPerSecond: 0.5 }, unused: { maxConcurrent: 1 } };

  it('stand in the plan, of the groups that its steps name', () => {
    expect(planOf(steps, { groups }).groups).toEqual({ gpu: { maxConcurrent: 2, maxPerSecond: 0.5 } });
    expect(planOf(steps)).not.toHaveProperty('groups');
  });

  it('are those of flowyml.yaml where that names them', () => {
    const target = { project: 'shop', stack: 'local', groups: { gpu: { maxConcurrent: 1 } } };
    expect(compile(pipeline('p', { steps, groups }), target).groups).toEqual({ gpu: { maxConcurrent: 1, maxPerSecond: 0.5 } });
    expect(compile(pipeline('p', { steps }), target).groups).toEqual({ gpu: { maxConcurrent: 1 } });
  });

  it('are the smaller ones where pipelines disagree', () => {
    const plans: { groups?: Record<string, GroupLimits> }[] = [
      { groups: { gpu: { maxConcurrent: 2, maxPerSecond: 5 } } },
      { groups: { gpu: { maxConcurrent: 3, maxPerSecond: 1 }, cpu: { maxPerSecond: 9 } } },
      {},
    ];
    expect([...smallestLimits(plans)]).toEqual([
      ['gpu', { maxConcurrent: 2, maxPerSecond: 1 }],
      ['cpu', { maxPerSecond: 9 }],
    ]);
  });

  it.each([
    [{ maxConcurrent: 0 }, 'maxConcurrent: 0 is not a whole number of at least 1'],
    [{ maxConcurrent: -1 }, 'maxConcurrent: -1 is not a whole number of at least 1'],
    [{ maxConcurrent: 1.5 }, 'maxConcurrent: 1.5 is not a whole number of at least 1'],
    [{ maxConcurrent: '2' }, 'maxConcurrent: "2" is not a whole number of at least 1'],
    [{ maxPerSecond: 0 }, 'maxPerSecond: 0 is not a number above 0'],
    [{ maxPerSecond: '5' }, 'maxPerSecond: "5" is not a number above 0'],
    [{ maxConcurrency: 1 }, "unknown option 'maxConcurrency'; did you mean 'maxConcurrent'?"],
  ])('%j is refused', (options, said) => {
    expect(problemsOf(steps, { groups: { gpu: options as object } })).toEqual([`group 'gpu': ${said}`]);
  });
});

it.each([0, 6, 1.5, '1', null])('a pipeline refuses priority %j', (priority) => {
  expect(() => pipeline('p', { priority: priority as 1 })).toThrow(
    `pipeline 'p': priority: ${JSON.stringify(priority)} is not a priority: give a whole number from 1 (first) to 5`,
  );
});

describe('retry', () => {
  const retryOf = (retry: object, pipelineRetry: object = {}) => only(planOf([make('a', { retry })], { retry: pipelineRetry })).retry;

  it.each([
    [{}, { maxAttempts: 1, factor: 2, initialIntervalMs: 1000, maxIntervalMs: 100_000, nonRetryable: [] }],
    [{ backoff: 'fixed' }, { factor: 1 }],
    [{ backoff: 'exponential' }, { factor: 2 }],
    [{ backoff: 1.5 }, { factor: 1.5 }],
    [{ initialInterval: '2 s' }, { initialIntervalMs: 2000, maxIntervalMs: 200_000 }],
    [{ initialInterval: 0 }, { initialIntervalMs: 0, maxIntervalMs: 0 }],
    [{ maxInterval: '1 minute' }, { maxIntervalMs: 60_000 }],
    [
      { maxAttempts: 5, nonRetryable: ['TypeError'] },
      { maxAttempts: 5, nonRetryable: ['TypeError'] },
    ],
  ])('%j', (retry, planned) => {
    expect(retryOf(retry)).toMatchObject(planned);
  });

  it('comes from the pipeline, option by option, where the step leaves it open', () => {
    const planned = { maxAttempts: 3, factor: 1 };
    expect(retryOf({ maxAttempts: 3 }, { maxAttempts: 2, backoff: 'fixed' })).toMatchObject(planned);
    expect(retryOf({ maxAttempts: 3, backoff: undefined }, { backoff: 'fixed' })).toMatchObject(planned);
    expect(only(planOf([make('a')], { retry: { maxAttempts: 2 } })).retry.maxAttempts).toBe(2);
  });

  it.each([
    [{ maxAttempts: 0 }, 'retry.maxAttempts: 0 is not a whole number of at least 1'],
    [{ maxAttempts: 1.5 }, 'retry.maxAttempts: 1.5 is not a whole number of at least 1'],
    [{ maxAttempts: '3' }, 'retry.maxAttempts: 3 is not a whole number of at least 1'],
    [{ maxAttempts: Number.POSITIVE_INFINITY }, 'retry.maxAttempts: Infinity is not a whole number of at least 1'],
    [{ backoff: 'linear' }, `retry.backoff: "linear" is not 'exponential', 'fixed' or a factor of at least 1`],
    [{ backoff: 0.5 }, "retry.backoff: 0.5 is not 'exponential', 'fixed' or a factor of at least 1"],
    [{ initialInterval: 'soon' }, `retry.initialInterval: "soon" ${DURATION}`],
    [{ maxInterval: -1 }, `retry.maxInterval: -1 ${DURATION}`],
    [{ nonRetryable: 'TypeError' }, `retry.nonRetryable: "TypeError" is not a list of names of errors`],
    [{ maxAttempt: 3 }, "retry.maxAttempt is unknown; did you mean 'maxAttempts'?"],
    [{ times: 3 }, 'retry.times is unknown; known: maxAttempts, backoff, initialInterval, maxInterval, nonRetryable'],
  ])('%j is refused', (retry, problem) => {
    expect(problemsOf([make('a', { retry })])).toEqual([`step 'a': ${problem}`]);
  });
});

describe('timeouts', () => {
  it('are milliseconds in the plan; a step’s own wins over the pipeline’s', () => {
    const plan = planOf([make('a', { timeout: '1 second', totalTimeout: '2 h' }), make('b', { timeout: 1500.4 }), make('c')], {
      timeout: '5 m',
    });
    expect(plan.steps.map(({ timeoutMs, totalTimeoutMs }) => [timeoutMs, totalTimeoutMs])).toEqual([
      [1000, 7_200_000],
      [1500, undefined],
      [300_000, undefined],
    ]);
  });

  it.each([
    [{ timeout: 'soon' }, `timeout: "soon" ${DURATION}`],
    [{ timeout: '' }, `timeout: "" ${DURATION}`],
    [{ timeout: -5 }, `timeout: -5 ${DURATION}`],
    [{ timeout: Number.NaN }, `timeout: NaN ${DURATION}`],
    [{ timeout: 0 }, 'timeout: 0 leaves no time at all'],
    [{ timeout: '0 s' }, 'timeout: "0 s" leaves no time at all'],
    [{ totalTimeout: 0 }, 'totalTimeout: 0 leaves no time at all'],
    [{ totalTimeout: {} }, `totalTimeout: [object Object] ${DURATION}`],
  ])('%j is refused', (options, problem) => {
    expect(problemsOf([make('a', options)])).toEqual([`step 'a': ${problem}`]);
  });
});

describe('a step', () => {
  it('keeps description and tags', () => {
    expect(only(planOf([make('a', { description: 'Fits.', tags: ['x', 'y'] })]))).toMatchObject({ description: 'Fits.', tags: ['x', 'y'] });
  });

  it.each([
    [{ timeOut: 5 }, "unknown option 'timeOut'; did you mean 'timeout'?"],
    [{ input: {} }, "unknown option 'input'; did you mean 'inputs'?"],
    [{ whatever: 1 }, "unknown option 'whatever'; known: name, inputs, outputs, params, fn, "],
  ])('with %j is refused: nothing is ignored', (options, problem) => {
    expect(problemsOf([make('a', options)])).toEqual([expect.stringContaining(`step 'a': ${problem}`)]);
  });

  it('may leave every option undefined', () => {
    const open = { description: undefined, after: undefined, group: undefined, resources: undefined, retry: undefined, timeout: undefined };
    expect(only(planOf([make('a', open)]))).toEqual(only(planOf([make('a')])));
  });

  it('has resources that can be read', () => {
    const resources = { memory: '8GB', cpu: 'four', gpus: 1, diskSize: '-1' };
    expect(problemsOf([make('a', { resources })])).toEqual([
      `step 'a': resources.memory: "8GB" is not a size; write it like '512Mi' or '8Gi'`,
      `step 'a': resources.cpu: "four" is not a number of cores`,
      "step 'a': resources: unknown key 'gpus'; did you mean 'gpu'?",
      `step 'a': resources.diskSize: "-1" is not a size; write it like '512Mi' or '8Gi'`,
    ]);
    // The name of a profile, which only flowyml.yaml can tell.
    const named = pipeline('p', { steps: [make('a', { resources: 'gpu_training' })] });
    expect(compile(named, { project: 'flowyml', stack: 'local' }).steps[0]).not.toHaveProperty('resources');
  });
});
