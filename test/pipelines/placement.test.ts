import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CompileTarget, compile } from '../../pipelines/compile.ts';
import { DockerConfig } from '../../pipelines/docker.ts';
import type { PlanError } from '../../pipelines/errors.ts';
import { pipeline } from '../../pipelines/pipeline.ts';
import type { PlacementOverrides } from '../../pipelines/placement.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import { step } from '../../pipelines/step.ts';

// Where each step runs, on what and in what: who is asked first.

const spec = (name: string, rest: Partial<StackSpec> = {}): StackSpec => ({ name, type: 'local', ...rest });
const STACKS: Record<string, StackSpec> = {
  local: spec('local'),
  box: spec('box', { executor: { type: 'docker', replicas: 3 } }),
  cloud: spec('cloud', { type: 'gcp', orchestrator: { type: 'vertex_ai' } }),
};
const target: CompileTarget = { project: 'p', stack: 'local', stacks: STACKS };

type StepOptions = Parameters<typeof step>[0];
type Options = NonNullable<Parameters<typeof pipeline>[1]>;

interface Said {
  step?: Partial<StepOptions>;
  pipeline?: Partial<Options>;
  target?: Partial<CompileTarget>;
  run?: PlacementOverrides;
}

function planOf({ step: own = {}, pipeline: options = {}, target: other = {}, run }: Said) {
  const only = step({ name: 'fit', group: 'g', ...own } as StepOptions, () => undefined);
  return compile(pipeline('t', { ...options, steps: [only] } as never), { ...target, ...other, ...(run ? { run } : {}) });
}

function problemsOf(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    return [...(error as PlanError).problems];
  }
  return [];
}

describe("a step's stack: its own, else the run's, the pipeline's, the one in use", () => {
  it.each<[Said, string, string]>([
    [{}, 'local', 'local'],
    [{ target: { stack: 'box' } }, 'box', 'box'],
    [{ target: { stack: 'box' }, pipeline: { stack: 'cloud' } }, 'cloud', 'cloud'],
    [{ target: { stack: 'box' }, pipeline: { stack: 'cloud' }, run: { stack: 'local' } }, 'local', 'local'],
    [{ run: { stack: 'local' }, step: { stack: 'box' } }, 'local', 'box'],
    [{ run: { stack: spec('mine') } }, 'mine', 'mine'],
    [{ step: { stack: { toJSON: () => spec('mine') } } }, 'local', 'mine'],
  ])('%j', (said, ofPlan, ofStep) => {
    const plan = planOf(said);
    expect(plan.stack).toBe(ofPlan);
    expect(plan.steps[0]?.stack ?? plan.stack).toBe(ofStep);
    expect(Object.keys(plan.stacks ?? {})).toEqual([...new Set([ofPlan, ofStep])]);
  });

  it('an unknown one is refused with the nearest', () => {
    expect(problemsOf(() => planOf({ run: { stack: 'bxo' } }))).toEqual(["no stack is named 'bxo'; did you mean 'box'?"]);
    expect(problemsOf(() => planOf({ step: { stack: 'claud' } }))).toEqual([
      "step 'fit': no stack is named 'claud'; did you mean 'cloud'?",
    ]);
    expect(problemsOf(() => planOf({ run: { stack: spec('box') }, step: { stack: 'box' } }))).toEqual([
      "step 'fit': two different stacks are named 'box'",
    ]);
  });
});

describe("a step's executor: the run's, its own stack's, its group's, the stack's, the pipeline's, local", () => {
  it.each<[Said, string]>([
    [{}, 'local'],
    [{ pipeline: { executor: 'docker' } }, 'docker'],
    [{ target: { stack: 'cloud' } }, 'vertex_ai'],
    [{ target: { stack: 'cloud' }, pipeline: { executor: 'docker' } }, 'vertex_ai'],
    [{ target: { stack: 'box', groups: { g: { executor: 'local' } } } }, 'local'],
    [{ pipeline: { groups: { g: { executor: 'docker' } } } }, 'docker'],
    [{ pipeline: { groups: { g: { executor: 'docker' } } }, target: { groups: { g: { executor: 'local' } } } }, 'local'],
    [{ step: { stack: 'box' }, target: { groups: { g: { executor: 'local' } } } }, 'docker'],
    [{ target: { stack: 'box' }, run: { executor: 'local' } }, 'local'],
    [{ step: { stack: 'cloud' }, run: { executor: 'docker' } }, 'docker'],
    [{ run: { orchestrator: 'vertex_ai' } }, 'vertex_ai'],
    [{ target: { stack: 'cloud' }, run: { orchestrator: 'temporal' } }, 'local'],
    [{ target: { stack: 'cloud' }, run: { orchestrator: 'temporal', executor: 'docker' } }, 'docker'],
  ])('%j', (said, expected) => {
    expect(planOf(said).steps[0]?.executor).toBe(expected);
  });

  it('has the settings of its stack, where that has the same kind', () => {
    const workers = (said: Said) => Object.values(planOf(said).workers ?? {})[0];
    expect(workers({ target: { stack: 'box' } })).toMatchObject({ stack: { name: 'box' }, group: 'g', replicas: 3 });
    expect(workers({ target: { stack: 'box', groups: { g: { executor: { type: 'docker' }, replicas: 2 } } } })?.replicas).toBe(2);
    expect(workers({ run: { executor: 'docker' } })).toMatchObject({ executor: { type: 'docker' }, replicas: 1 });
  });

  it('an unknown one is refused with the nearest', () => {
    expect(problemsOf(() => planOf({ run: { executor: 'dokcer' } }))).toEqual(["executor 'dokcer' is unknown; did you mean 'docker'?"]);
    expect(problemsOf(() => planOf({ run: { orchestrator: 'vertex' } }))).toEqual([
      "orchestrator 'vertex' is unknown; known: temporal, vertex_ai",
    ]);
  });
});

describe("a step's resources: the run's, its own, its group's, a profile, `default`", () => {
  const [a, b, c, d, e] = [{ cpu: '1' }, { cpu: '2' }, { cpu: '3' }, { cpu: '4' }, { cpu: '5' }] as const;
  const resources = { default: { cpu: '9' }, big: { cpu: '8', memory: '1Gi' } };
  it.each<[Said, unknown]>([
    [{}, undefined],
    [{ target: { resources } }, resources.default],
    [{ target: { resources, groups: { g: { resources: 'big' } } } }, resources.big],
    [{ target: { resources }, pipeline: { groups: { g: { resources: a } } } }, a],
    [{ target: { resources, groups: { g: { resources: b } } }, pipeline: { groups: { g: { resources: a } } } }, b],
    [{ target: { resources, groups: { g: { resources: b } } }, step: { resources: c } }, c],
    [{ target: { resources }, step: { resources: 'big' } }, resources.big],
    [{ target: { resources }, step: { resources: c }, run: { resources: d } }, d],
    [{ target: { resources }, step: { resources: c }, run: { resources: { g: d } } }, d],
    [{ target: { resources }, step: { resources: c }, run: { resources: { g: d, fit: e } } as never }, e],
  ])('%j', (said, expected) => {
    expect(planOf(said).steps[0]?.resources).toEqual(expected);
  });

  it('mistakes name the step, the field and the nearest', () => {
    expect(problemsOf(() => planOf({ target: { resources }, step: { resources: 'bgi' } }))).toEqual([
      "step 'fit': resources: no resource profile is named 'bgi'; did you mean 'big'?",
    ]);
    expect(problemsOf(() => planOf({ run: { resources: { fot: a } as never } }))).toEqual([
      "resources: no group or step is named 'fot'; did you mean 'fit'?",
    ]);
    expect(problemsOf(() => planOf({ run: { resources: { cpu: 'many' } } }))).toEqual(['resources.cpu: "many" is not a number of cores']);
    expect(problemsOf(() => planOf({ run: { resources: { fit: { memory: 'much' } } } }))).toEqual([
      expect.stringContaining('resources.fit.memory: "much" is not a size'),
    ]);
  });
});

describe("a step's image: the run's, its own, its group's, flowyml.yaml's", () => {
  const image = (name: string) => ({ image: name });
  it.each<[Said, string | undefined]>([
    [{ target: { stack: 'box' } }, undefined],
    [{ target: { stack: 'box', docker: image('top') } }, 'top'],
    [{ target: { stack: 'box', docker: image('top') }, pipeline: { groups: { g: { docker: image('group') } } } }, 'group'],
    [
      { target: { stack: 'box', groups: { g: { docker: image('file') } } }, pipeline: { groups: { g: { docker: image('group') } } } },
      'file',
    ],
    [{ target: { stack: 'box', groups: { g: { docker: image('file') } } }, step: { docker: image('step') } }, 'step'],
    [{ target: { stack: 'box' }, step: { docker: image('step') }, run: { docker: image('run') } }, 'run'],
  ])('%j', (said, expected) => {
    expect(Object.values(planOf(said).workers ?? {})[0]?.docker?.image).toBe(expected);
  });
});

describe('a group', () => {
  const member = (name: string, rest: object) => step({ name, group: 'g', ...rest } as StepOptions, () => undefined);
  const plan = (steps: ReturnType<typeof member>[], rest: Partial<CompileTarget> = {}) =>
    compile(pipeline('t', { steps } as never), { ...target, stack: 'box', ...rest });
  const workersOf = (steps: ReturnType<typeof member>[], rest: Partial<CompileTarget> = {}) => plan(steps, rest).workers?.['p.box.g'];

  it('has what the largest of its steps needs, each amount for itself', () => {
    const steps = [
      member('a', { resources: { cpu: '500m', memory: '8Gi', gpuCount: 1, preemptible: true } }),
      member('b', { resources: { cpu: 2, memory: '900Mi', gpu: 'nvidia-l4', diskSize: '10Gi' } }),
      member('c', {}),
    ];
    expect(workersOf(steps)?.resources).toEqual({
      cpu: 2,
      memory: '8Gi',
      gpu: 'nvidia-l4',
      gpuCount: 1,
      diskSize: '10Gi',
      preemptible: false,
    });
  });

  it('unites the requirements of its steps, and refuses two images', () => {
    const made = (requirements: string[], rest = {}) => ({ docker: { baseImage: 'python', requirements, ...rest } });
    expect(workersOf([member('a', made(['pandas'])), member('b', made(['numpy', 'pandas']))])?.docker).toEqual({
      baseImage: 'python',
      requirements: ['pandas', 'numpy'],
    });
    // In whatever order it is written.
    const same = { docker: new DockerConfig({ envVars: { A: '1' }, baseImage: 'python' }) };
    expect(workersOf([member('a', { docker: { baseImage: 'python', envVars: { A: '1' } } }), member('b', same)])?.docker?.baseImage).toBe(
      'python',
    );
    expect(problemsOf(() => plan([member('a', made([])), member('b', made([], { baseImage: 'node' }))]))).toEqual([
      "group 'g': steps 'a' and 'b' ask for different images: give them groups of their own",
    ]);
  });

  it('is on one stack', () => {
    expect(problemsOf(() => plan([member('a', {}), member('b', { stack: 'local' })]))).toEqual([
      "group 'g': steps 'a' and 'b' name different stacks, 'box' and 'local': give them groups of their own",
    ]);
  });

  it('follows its queue between bounds, where it may', () => {
    const auto = member('a', { resources: { autoscaling: true } });
    expect(workersOf([auto])).toMatchObject({ replicas: 3, minReplicas: 0 });
    expect(workersOf([auto], { groups: { g: { replicas: 6, minReplicas: 2 } } })).toMatchObject({ replicas: 6, minReplicas: 2 });
    expect(workersOf([member('a', {})])).not.toHaveProperty('minReplicas');
    expect(plan([auto], { stacks: { box: spec('box', { executor: { type: 'docker' } }) } }).workers?.['p.box.g']).toMatchObject({
      replicas: 4,
    });
    expect(problemsOf(() => plan([auto], { stack: 'cloud' }))).toEqual([
      "group 'g': autoscaling: its executor starts one job for what there is to do: leave it out",
    ]);
  });
});

describe('a pipeline over several stacks', () => {
  const rows = step({ name: 'preprocess', stack: 'local', outputs: { rows: z.number() } }, () => 1);
  const fit = step({ name: 'train', stack: 'box', inputs: { rows: z.number() }, outputs: { model: z.number() } }, ({ rows: n }) => n);
  const test = step({ name: 'evaluate', stack: 'local', inputs: { model: z.number() } }, () => undefined);
  const hybrid = pipeline('hybrid', { steps: [rows, fit, test] });

  it('sends each step to the workers of its stack', () => {
    const { steps, workers, stacks } = compile(hybrid, target);
    expect(steps.map(({ name, stack, executor, taskQueue }) => [name, stack, executor, taskQueue])).toEqual([
      ['preprocess', undefined, 'local', 'p'],
      ['train', 'box', 'docker', 'p.box.default'],
      ['evaluate', undefined, 'local', 'p'],
    ]);
    expect(Object.keys(workers ?? {})).toEqual(['p.box.default']);
    expect(Object.keys(stacks ?? {}).sort()).toEqual(['box', 'local']);
  });

  it('never carries where its metadata is kept', () => {
    const metadataStore = { type: 'postgresql', url: 'postgres://u:${PW}@h/d' } as const;
    const plan = compile(hybrid, { ...target, stacks: { ...STACKS, box: { ...(STACKS.box as StackSpec), metadataStore } } });
    expect(JSON.stringify(plan)).not.toContain('postgres://');
  });
});

it('the same pipeline does the same on every stack: its steps but for where they run', () => {
  const said = { step: { resources: { cpu: 1 } } };
  const [local, box, cloud] = ['local', 'box', 'cloud'].map((stack) => planOf({ ...said, target: { stack } }));
  const what = (plan: typeof local) => plan?.steps.map(({ taskQueue, executor, ...rest }) => rest);
  expect(what(box)).toEqual(what(local));
  expect(what(cloud)).toEqual(what(local));
});
