import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compile } from '../../pipelines/compile.ts';
import { PlanError } from '../../pipelines/errors.ts';
import { pipeline } from '../../pipelines/pipeline.ts';
import type { AnyStep } from '../../pipelines/step.ts';
import { make, only, planOf, problemsOf } from './steps.ts';

const n = z.number();
const load = make('load', { outputs: { data: n } });
const clean = make('clean', { inputs: { data: n }, outputs: { tidy: n } });
const train = make('train', { inputs: { tidy: n }, params: { lr: n }, outputs: { model: n } });
const names = (steps: readonly AnyStep[]) => planOf(steps).steps.map((s) => s.name);

describe('the plan', () => {
  it('says all that a run will do, as plain data', () => {
    const plan = planOf([load, train, clean], { description: 'Fits.', version: 'v1', context: { lr: 0.1, free: 'x' }, tags: ['nightly'] });
    const retry = { maxAttempts: 1, factor: 2, initialIntervalMs: 1000, maxIntervalMs: 100_000, nonRetryable: [] };
    const common = { taskQueue: 'shop', executor: 'local', retry };
    const number = { type: 'json', schema: { type: 'number' } };
    expect(plan).toMatchObject({
      planVersion: 1,
      pipeline: 'p',
      description: 'Fits.',
      version: 'v1',
      project: 'shop',
      stack: 'local',
      context: { lr: 0.1, free: 'x' },
      tags: ['nightly'],
      steps: [
        { name: 'load', inputs: {}, outputs: { data: number }, params: [], dependsOn: [], ...common },
        {
          name: 'clean',
          inputs: { data: { step: 'load', output: 'data' } },
          outputs: { tidy: number },
          params: [],
          dependsOn: ['load'],
          ...common,
        },
        {
          name: 'train',
          inputs: { tidy: { step: 'clean', output: 'tidy' } },
          outputs: { model: number },
          params: ['lr'],
          dependsOn: ['clean'],
          ...common,
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('has a project label of the pipeline, but the queues of the target', () => {
    const plan = planOf([load, make('far', { group: 'gpu' })], { project: 'fraud' });
    expect(plan.project).toBe('fraud');
    expect(plan.steps.map((s) => s.taskQueue)).toEqual(['shop', 'shop.local.gpu']);
  });

  it('is the same for the same pipeline', () => {
    expect(planOf([train, clean, load])).toEqual(planOf([train, clean, load]));
  });
});

describe('order', () => {
  it.each([[[load, clean, train]], [[train, clean, load]], [[clean, train, load]]])('comes from the names, not from the list', (steps) => {
    expect(names(steps)).toEqual(['load', 'clean', 'train']);
  });

  it('keeps the list among steps that need nothing of each other', () => {
    expect(names([make('c'), make('a'), make('b')])).toEqual(['c', 'a', 'b']);
  });

  it('puts both sides of a diamond between its ends', () => {
    const left = make('left', { inputs: { data: n }, outputs: { l: n } });
    const right = make('right', { inputs: { data: n }, outputs: { r: n } });
    const join = make('join', { inputs: { r: n, l: n }, outputs: { end: n } });
    expect(names([join, right, left, load])).toEqual(['load', 'right', 'left', 'join']);
    expect(planOf([join, right, left, load]).steps.at(-1)?.dependsOn).toEqual(['right', 'left']);
  });

  it('names each step that is needed once, however many ways there are', () => {
    const two = make('two', { outputs: { a: n, b: n } });
    const sink = make('sink', { inputs: { a: n, b: n }, after: [two, 'two'] });
    expect(planOf([sink, two]).steps.at(-1)?.dependsOn).toEqual(['two']);
  });
});

describe('after', () => {
  const check = make('check', { inputs: { data: n } });

  it.each([
    ['by step', check],
    ['by name', 'check'],
  ])('gates a step without an input of it (%s)', (_, before) => {
    const plan = planOf([make('deploy', { after: [before] }), check, load]);
    expect(plan.steps.map((s) => s.name)).toEqual(['load', 'check', 'deploy']);
    expect(plan.steps.at(-1)).toMatchObject({ inputs: {}, dependsOn: ['check'] });
  });

  it('of a step that the pipeline does not have is a problem, with the nearest', () => {
    const stranger = make('strange');
    expect(problemsOf([make('deploy', { after: ['chek', stranger] }), check, load])).toEqual([
      "step 'deploy': after: no step is named 'chek'; did you mean 'check'?",
      "step 'deploy': after: no step is named 'strange'; known: deploy, check, load",
    ]);
  });

  it('of what is no step, such as one that a circle of imports has left undefined, is a problem', () => {
    expect(problemsOf([make('deploy', { after: [undefined, 5] }), load])).toEqual([
      "step 'deploy': after: undefined is neither a step nor the name of one",
      "step 'deploy': after: 5 is neither a step nor the name of one",
    ]);
  });
});

describe('problems', () => {
  it('an unknown input, with the nearest output or all of them', () => {
    const lost = make('lost', { inputs: { dta: n, zzzzzzzz: n } });
    expect(problemsOf([load, clean, lost])).toEqual([
      "step 'lost': no step produces input 'dta'; did you mean 'data'?",
      "step 'lost': no step produces input 'zzzzzzzz'; known: data, tidy",
    ]);
    expect(problemsOf([make('alone', { inputs: { data: n } })])).toEqual(["step 'alone': no step produces input 'data'"]);
  });

  it('two producers of one output', () => {
    expect(problemsOf([load, make('again', { outputs: { data: n } }), clean])).toEqual([
      "output 'data' has two producers: steps 'load' and 'again'",
    ]);
  });

  it('two steps of one name, also where it is the same step twice', () => {
    expect(problemsOf([load, make('load')])).toEqual(["two steps are named 'load'"]);
    expect(problemsOf([load, load])).toEqual(["two steps are named 'load'"]);
  });

  it('a cycle, with its path', () => {
    const a = make('a', { inputs: { z: n }, outputs: { x: n } });
    const b = make('b', { inputs: { x: n }, outputs: { y: n } });
    const c = make('c', { inputs: { y: n }, outputs: { z: n } });
    expect(problemsOf([load, a, b, c])).toEqual([`steps wait for each other in a circle: a → c → b → a (each arrow: "needs")`]);
  });

  it.each([
    ['its own output', make('self', { inputs: { x: n }, outputs: { x: n } })],
    ['itself', make('self', { after: ['self'] })],
  ])('a step that waits for %s', (_, self) => {
    expect(problemsOf([self])).toEqual([`steps wait for each other in a circle: self → self (each arrow: "needs")`]);
  });

  it('an input that is also a param', () => {
    expect(problemsOf([load, make('both', { inputs: { data: n }, params: { data: n } })])).toEqual([
      "step 'both': 'data' is both an input and a param",
    ]);
  });

  it('an input with the name of what every object has is an unknown one, not a param', () => {
    expect(problemsOf([make('odd', { inputs: { toString: n } })])).toEqual(["step 'odd': no step produces input 'toString'"]);
  });

  it('no steps at all', () => {
    expect(problemsOf([])).toEqual(['it has no steps: give it some, `pipeline(name, { steps: [...] })` or `.add(step)`']);
  });

  it('a list that holds something else, such as a step that a circle of imports has left undefined', () => {
    const steps = [load, undefined, () => 1, { name: 'x' }] as unknown as AnyStep[];
    expect(problemsOf(steps)).toEqual([1, 2, 3].map((i) => `steps[${i}] is not a step: make it with step({ name: … }, function)`));
  });

  it('all at once, in one error whose message holds each', () => {
    const bad = make('b d', { inputs: { dta: n, lr: n }, params: { lr: n }, after: ['laod'], retry: { maxAttempts: 0 }, timeout: 'soon' });
    const steps = [load, make('load2', { outputs: { data: n } }), bad, make('default')];
    const found = problemsOf(steps);
    expect(found).toEqual([
      `step name "b d" is not allowed: use 1 to 64 letters, digits, '_' or '-'`,
      "step name 'default' is reserved: choose another",
      "output 'data' has two producers: steps 'load' and 'load2'",
      "step 'b d': no step produces input 'dta'; did you mean 'data'?",
      "step 'b d': 'lr' is both an input and a param",
      "step 'b d': no step produces input 'lr'; known: data",
      "step 'b d': after: no step is named 'laod'; did you mean 'load'?",
      `step 'b d': timeout: "soon" is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`,
      "step 'b d': retry.maxAttempts: 0 is not a whole number of at least 1",
    ]);
    const error = new PlanError("pipeline 'p'", found);
    expect(() => planOf(steps)).toThrow(new PlanError("pipeline 'p'", found));
    expect(error.message).toBe(`pipeline 'p':${found.map((p) => `\n  - ${p}`).join('')}`);
    expect(new PlanError("pipeline 'p'", ['one']).message).toBe("pipeline 'p': one");
    expect(error).toMatchObject({ name: 'PlanError', code: 'PLAN', retryable: false });
  });
});

describe('names', () => {
  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'default', '__temporal_x'])('%s is reserved', (name) => {
    expect(problemsOf([make(name)])).toEqual([`step name '${name}' is reserved: choose another`]);
    expect(problemsOf([make('s', { outputs: { [name]: n } })])).toEqual([`step 's': output name '${name}' is reserved: choose another`]);
    expect(problemsOf([make('s', { group: name })])).toEqual([`step 's': group name '${name}' is reserved: choose another`]);
    expect(() => compile(pipeline(name, { steps: [make('s')] }), { project: 'shop', stack: 'local' })).toThrow(
      `pipeline '${name}': pipeline name '${name}' is reserved: choose another`,
    );
  });

  it.each(['', 'a b', 'flowyml:planRun', 'a.b', 'a/b', 'größe', 'x'.repeat(65), 'a\n'])('%j is not allowed', (name) => {
    const problem = `${JSON.stringify(name)} is not allowed: use 1 to 64 letters, digits, '_' or '-'`;
    expect(problemsOf([make(name)])).toEqual([`step name ${problem}`]);
    expect(problemsOf([make('s', { group: name })])).toEqual([`step 's': group name ${problem}`]);
  });

  it.each(['a', 'A-1_b', '-', '0', 'x'.repeat(64), 'Default', 'temporal'])('%s is fine', (name) => {
    expect(only(planOf([make(name)])).name).toBe(name);
  });
});

describe('thousands of steps', () => {
  const chain = Array.from({ length: 3000 }, (_, i) => make(`s${i}`, { inputs: i ? { [`o${i - 1}`]: n } : {}, outputs: { [`o${i}`]: n } }));

  it('compile in any order, without a recursion that could overflow', () => {
    const began = performance.now();
    const plan = planOf([...chain].reverse());
    expect(plan.steps.map((s) => s.name)).toEqual(chain.map((s) => s.name));
    // 0.1 to 0.4 s here: a quadratic walk would take many times this limit.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('show a cycle through all of them', () => {
    const closed = [make('s0', { inputs: { o2999: n }, outputs: { o0: n } }), ...chain.slice(1)];
    const [problem, ...more] = problemsOf(closed);
    expect(more).toEqual([]);
    expect(problem).toMatch(/^steps wait for each other in a circle: s0 → s2999 → s2998 → .* → s1 → s0 \(each arrow: "needs"\)$/);
  });
});
