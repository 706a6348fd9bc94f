import { describe, expect, it } from 'vitest';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { RunState } from '../../workflows/state.ts';
import { bad, failure, notRun, ok, planned, skipped, taking } from './planned.ts';

/** All that can start now; a segment's steps are joined by `+`. */
function start(state: RunState): string[] {
  const started: string[] = [];
  while (state.ready) {
    started.push(
      state
        .next()
        .map((step) => step.name)
        .join('+'),
    );
  }
  return started;
}

const DIAMOND = ['a', 'a -> b', 'a -> c', 'b c -> d'];

describe('what is ready', () => {
  it('is what waits for nothing, in the order of the plan', () => {
    const state = new RunState(planned(['a', 'b', 'a -> c', 'd']));
    expect(state.ready).toBe(3);
    expect(start(state)).toEqual(['a', 'b', 'd']);
    expect([...state.running]).toEqual(['a', 'b', 'd']);
    expect(state.next()).toEqual([]);
  });

  it('is a step as soon as the last that it waits for has ended', () => {
    const state = new RunState(planned(DIAMOND));
    expect(start(state)).toEqual(['a']);
    state.end('a', ok());
    expect(start(state)).toEqual(['b', 'c']);
    state.end('c', ok());
    expect(state.ready).toBe(0);
    state.end('b', ok());
    expect(start(state)).toEqual(['d']);
    state.end('d', ok());
    expect([state.ready, state.running.size, state.ended.size, state.failure]).toEqual([0, 0, 4, undefined]);
  });

  it('counts a step that is needed twice once', () => {
    const state = new RunState(planned([taking('make', {}), taking('use', { x: 'make.x', y: 'make.y' }, { after: ['make'] })]));
    expect(start(state)).toEqual(['make']);
    state.end('make', ok({ x: ref(1), y: ref(2) }));
    expect(start(state)).toEqual(['use']);
  });

  it('leaves out what has ended before, as in a run that goes on', () => {
    const state = new RunState(planned(DIAMOND, { a: ok(), c: ok() }));
    expect(start(state)).toEqual(['b']);
    state.end('b', ok());
    expect(start(state)).toEqual(['d']);
    expect(start(new RunState(planned(DIAMOND, { a: ok(), b: ok(), c: ok(), d: ok() })))).toEqual([]);
  });

  it('takes thousands of steps in a row', () => {
    const count = 5000;
    const state = new RunState(planned(Array.from({ length: count }, (_, i) => (i ? `s${i - 1} -> s${i}` : 's0'))));
    while (state.ready === 1) {
      const [step] = state.next();
      state.end(step?.name ?? '', ok());
    }
    expect([...state.ended.keys()]).toEqual(state.steps.map((step) => step.name));
  });

  it('leaves hooks out: they are not part of the course', () => {
    const state = new RunState(planned(['a', { name: 'tell', hook: 'failure' }]));
    expect(start(state)).toEqual(['a']);
    expect(state.course.map((step) => step.name)).toEqual(['a']);
  });
});

describe('segments', () => {
  const steps = ['first', { name: 'b', dependsOn: ['first'], segment: 0 }, { name: 'c', dependsOn: ['b'], segment: 0 }, 'c -> last'];

  it('start as one, when all that they need from outside has ended', () => {
    const state = new RunState(planned(steps));
    expect(start(state)).toEqual(['first']);
    state.end('first', ok());
    expect(start(state)).toEqual(['b+c']);
    state.end('b', ok());
    expect(start(state)).toEqual([]);
    state.end('c', ok());
    expect(start(state)).toEqual(['last']);
  });

  it('start with the first step that has not ended', () => {
    expect(start(new RunState(planned(steps, { first: ok(), b: ok() })))).toEqual(['c']);
  });
});

describe('a failure', () => {
  it('lets nothing new start, and stays the run’s first', () => {
    const state = new RunState(planned(['a', 'b', 'c', 'a -> d']));
    state.next();
    state.next();
    state.end('a', bad);
    expect(state.failure).toEqual({ step: 'a', error: failure });
    expect([state.ready, state.next()]).toEqual([0, []]);
    state.end('b', { ...bad, error: { type: 'Error', message: 'second' } });
    expect(state.failure).toEqual({ step: 'a', error: failure });
  });

  it('says what failed also where the worker could not', () => {
    const state = new RunState(planned(['a']));
    const { error, ...silent } = bad;
    state.end('a', silent);
    expect(state.failure).toEqual({ step: 'a', error: { type: 'Error', message: 'failed' } });
  });

  it('with continue stops only what needs it', () => {
    const state = new RunState(planned([{ name: 'a', onFailure: 'continue' }, 'b', 'a -> c', 'c -> d', 'b -> e']));
    expect(start(state)).toEqual(['a', 'b']);
    state.end('a', bad);
    expect(state.failure?.step).toBe('a');
    state.end('b', ok());
    expect(start(state)).toEqual(['e']);
    expect(state.takeSkipped()).toEqual({
      c: notRun('skipped', "needs 'a', which failed"),
      d: notRun('skipped', "needs 'c', which was skipped"),
    });
    expect(state.takeSkipped()).toEqual({});
  });

  it('of a run that goes on is still its failure; that of a hook never is', () => {
    expect(new RunState(planned(['a', 'b'], { a: bad }))).toMatchObject({ failure: { step: 'a' }, ready: 0 });
    expect(new RunState(planned(['a', { name: 'tell', hook: 'success' }], { tell: bad }))).toMatchObject({ failure: undefined, ready: 1 });
  });
});

describe('a skip', () => {
  it('runs down what cannot do without it, and no further', () => {
    const steps = [
      taking('choose', {}),
      taking('needs', { x: 'choose.x' }),
      taking('may', { x: 'choose.x?' }),
      'choose -> gated',
      'needs -> later',
    ];
    const state = new RunState(planned(steps));
    start(state);
    state.end('choose', skipped());
    expect(start(state)).toEqual(['may']);
    expect(state.hasSkipped).toBe(true);
    expect(state.takeSkipped()).toEqual({
      needs: notRun('skipped', "needs 'choose', which was skipped"),
      gated: notRun('skipped', "needs 'choose', which was skipped"),
      later: notRun('skipped', "needs 'needs', which was skipped"),
    });
    expect([state.hasSkipped, state.failure]).toEqual([false, undefined]);
  });

  it('runs down chains that would overflow a recursion', () => {
    const count = 20_000;
    const state = new RunState(planned(Array.from({ length: count }, (_, i) => (i ? `s${i - 1} -> s${i}` : 's0'))));
    start(state);
    state.end('s0', skipped());
    expect(Object.keys(state.takeSkipped())).toHaveLength(count - 1);
    expect(state.ended.size).toBe(count);
  });

  it('of some steps of a segment leaves the others to run', () => {
    const steps = ['a', { name: 'b', dependsOn: ['a'], after: ['a'], segment: 0 }, { name: 'c', dependsOn: [], segment: 0 }];
    const state = new RunState(planned(steps, { a: skipped() }));
    expect(start(state)).toEqual(['c']);
    expect(Object.keys(state.takeSkipped())).toEqual(['b']);
  });
});

describe('inputs', () => {
  const inputsOf = (values: Record<string, ArtifactRef>, budget?: number) => {
    const use = taking('use', Object.fromEntries(Object.keys(values).map((name) => [name, `make.${name}`])));
    const state = new RunState(planned([taking('make', {}), use], { make: ok(values) }));
    return state.inputsOf(use, budget);
  };

  it('are the outputs that the step takes', () => {
    const state = new RunState(planned([], { a: ok({ x: ref(1), y: ref(2) }), b: ok({ x: ref(3) }) }));
    expect(state.inputsOf(taking('use', { left: 'a.y', right: 'b.x' }))).toEqual({ left: ref(2), right: ref(3) });
  });

  it('leave out what a skipped producer did not make', () => {
    const state = new RunState(planned([], { a: skipped(), b: ok({ x: ref(3) }) }));
    expect(state.inputsOf(taking('use', { left: 'a.y?', right: 'b.x' }))).toEqual({ right: ref(3) });
  });

  it('bring their values along while those fit, and only the references of the rest', () => {
    const { value, ...bare } = ref('c', 60);
    expect(inputsOf({ a: ref('a', 40), b: ref(null, 60), c: ref('c', 60), d: stored }, 100)).toEqual({
      a: ref('a', 40),
      b: ref(null, 60),
      c: bare,
      d: stored,
    });
  });

  it('bring 256 KiB along and not a byte more', () => {
    const many = (count: number, size: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, ref(i, size)]));
    const inline = (inputs: Record<string, ArtifactRef>) => Object.values(inputs).filter((r) => r.value !== undefined).length;
    expect(inline(inputsOf(many(64, 4096)))).toBe(64);
    expect(inline(inputsOf(many(65, 4096)))).toBe(64);
  });
});

describe('what the cache is asked for', () => {
  const names = (steps: { name: string }[]) => steps.map((step) => step.name);
  const cached = true as const;

  it('is ready, has a cache, and takes nothing that nobody had made before', () => {
    const steps = [
      taking('make', {}),
      taking('old', { x: 'make.old' }, { cached }),
      taking('new', { x: 'make.new' }, { cached }),
      taking('without', { x: 'make.old' }),
      taking('later', { x: 'old.x' }, { cached }),
    ];
    const state = new RunState(planned(steps));
    expect(names(state.askable())).toEqual([]);
    state.next();
    state.endWith('make', { ...ok({ old: ref(1), new: ref(2) }), novel: ['new'] });
    expect(state.ended.get('make')).not.toHaveProperty('novel');
    expect(names(state.askable())).toEqual(['old']);
  });

  it('is asked for once; what it answers need not start', () => {
    const state = new RunState(planned([taking('a', {}, { cached }), taking('b', {}, { cached }), taking('c', { x: 'a.x' }, { cached })]));
    const asked = state.askable();
    expect(names(asked)).toEqual(['a', 'b']);
    state.answer(asked, { a: { ...ok({ x: ref(1) }), status: 'cached' } });
    expect(names(state.askable())).toEqual(['c']);
    expect(start(state)).toEqual(['b', 'c']);
    expect(state.ended.get('a')?.status).toBe('cached');
  });

  it('is nothing once the run has failed', () => {
    const state = new RunState(planned(['a', taking('b', {}, { cached })]));
    state.next();
    state.end('a', bad);
    expect(state.askable()).toEqual([]);
  });
});

describe('abandon', () => {
  it('says of each step that never ran what it lacked', () => {
    const state = new RunState(planned(['a', 'b', 'a -> c', 'c -> d', 'e']));
    state.next();
    state.next();
    state.end('a', bad);
    state.end('b', ok());
    expect(state.abandon('skipped')).toEqual({
      c: notRun('skipped', "needs 'a', which failed"),
      d: notRun('skipped', "needs 'c', which was skipped"),
      e: notRun('skipped', "not started: step 'a' failed"),
    });
    expect(state.ended.size).toBe(5);
    expect(state.abandon('skipped')).toEqual({});
  });

  it('of a cancelled run says so; what ran and ended stays', () => {
    const state = new RunState(planned(['a', 'a -> b', 'c']));
    state.next();
    state.end('a', ok());
    state.next();
    expect(state.abandon('cancelled')).toEqual({
      b: notRun('cancelled', 'the run was cancelled'),
      c: notRun('cancelled', 'the run was cancelled'),
    });
    expect(state.ended.get('a')).toEqual(ok());
    expect(state.running.size).toBe(0);
  });

  it('leaves what comes after a cancelled step to the end of the run, which names it', () => {
    const state = new RunState(planned(['a', 'a -> b']));
    state.next();
    state.end('a', notRun('cancelled', 'the run was cancelled'));
    expect([state.ready, state.hasSkipped, state.failure]).toEqual([0, false, undefined]);
    expect(state.abandon('cancelled')).toEqual({ b: notRun('cancelled', "needs 'a', which was cancelled") });
  });

  it('leaves hooks alone', () => {
    const state = new RunState(planned(['a', { name: 'tell', hook: 'cancel' }]));
    expect(Object.keys(state.abandon('cancelled'))).toEqual(['a']);
    expect(state.ended.has('tell')).toBe(false);
  });
});

const stored: ArtifactRef = { sha256: 'f'.repeat(64), type: 'table', size: 1e9, uri: 'file:///x' };

function ref(value: string | number | null, size = 1): ArtifactRef {
  return { sha256: `${value}`.padStart(64, '0'), type: 'json', size, value };
}
