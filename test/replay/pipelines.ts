import { setTimeout as wait } from 'node:timers/promises';
import { approval, mapStep, type Pipeline, pipeline, type StepRun, step } from 'flowyml';
import { z } from 'zod';

// What scripts/record-histories.ts runs: a small pipeline for each thing that the interpreter does.

const n = z.number();
const list = z.array(n);

/** Until the run is cancelled. */
const forEver = async ({ signal }: StepRun): Promise<void> => {
  await wait(600_000, undefined, { signal });
};
const fail = (): never => {
  throw new RangeError('out of range');
};

const load = step({ name: 'load', description: 'Loads a number.', outputs: { raw: n } }, () => 20);

export const chain = pipeline('chain', {
  steps: [
    load,
    step({ name: 'clean', inputs: { raw: n }, outputs: { clean: n } }, ({ raw }) => raw + 1),
    step({ name: 'fit', inputs: { clean: n }, params: { rate: n.default(2) }, outputs: { model: n } }, ({ clean, rate }) => clean * rate),
  ],
  description: 'Three steps, one after the other.',
  tags: ['recorded'],
});

const fold = (number: number) =>
  step({ name: `fold_${number}`, inputs: { raw: n }, outputs: { [`score_${number}`]: n } }, ({ raw }) => raw + number);
// A plain array: names made at run time are beyond the compiler.
const folds = Array.from({ length: 6 }, (_, i) => fold(i));
const gather = step({ name: 'gather', after: folds, outputs: { gathered: n } }, () => folds.length);
export const fanOut: Pipeline = pipeline('fan_out', { steps: [load, ...folds, gather] });

export const diamond = pipeline('diamond', {
  steps: [
    step({ name: 'load', outputs: { raw: n }, group: 'ingest' }, () => 20),
    step({ name: 'left', inputs: { raw: n }, outputs: { a: n }, group: 'training' }, ({ raw }) => raw + 1),
    step({ name: 'right', inputs: { raw: n }, outputs: { b: n }, group: 'training' }, ({ raw }) => raw + 2),
    step({ name: 'join', inputs: { a: n, b: n }, outputs: { joined: n } }, ({ a, b }) => a + b),
  ],
});

export const failure = pipeline('failure', {
  steps: [
    load,
    step({ name: 'fit', inputs: { raw: n }, outputs: { model: n } }, fail),
    step({ name: 'deploy', inputs: { model: n } }, () => {}),
  ],
});

export const retry = pipeline('retry', {
  steps: [
    step({ name: 'fetch', outputs: { raw: n }, retry: { maxAttempts: 3, initialInterval: 20 } }, (_, run) =>
      run.attempt < 3 ? fail() : run.attempt,
    ),
  ],
});

export const fallback = pipeline('fallback', {
  steps: [
    step({ name: 'fetch', outputs: { raw: n }, onFailure: () => 7 }, fail),
    step({ name: 'use', inputs: { raw: n }, outputs: { used: n } }, ({ raw }) => raw),
  ],
});

export const fallbackFails = pipeline('fallback_fails', {
  steps: [step({ name: 'fetch', outputs: { raw: n }, onFailure: fail }, fail)],
});

export const goesOn = pipeline('goes_on', {
  steps: [
    step({ name: 'publish', outputs: { link: z.string() }, onFailure: 'continue' }, fail),
    step({ name: 'announce', inputs: { link: z.string() } }, () => {}),
    load,
    step({ name: 'fit', inputs: { raw: n }, outputs: { model: n } }, ({ raw }) => raw),
  ],
});

export const conditions = pipeline('conditions', {
  steps: [
    step({ name: 'measure', params: { drift: n }, outputs: { found: n } }, ({ drift }) => drift),
    step({ name: 'retrain', inputs: { found: n }, outputs: { fresh: n }, when: ({ found }) => found > 0.5 }, () => 1),
    step({ name: 'keep', inputs: { found: n }, outputs: { kept: n }, when: ({ found }) => found <= 0.5 }, () => 2),
    step(
      { name: 'join', inputs: { fresh: n.optional(), kept: n.optional() }, outputs: { chosen: n } },
      ({ fresh, kept }) => fresh ?? kept ?? 0,
    ),
    step({ name: 'report', inputs: { fresh: n } }, () => {}),
  ],
});

const numbers = step({ name: 'list', params: { count: n.default(7) }, outputs: { items: list } }, ({ count }) =>
  Array.from({ length: count }, (_, i) => i),
);

export const map = pipeline('map', {
  steps: [
    numbers,
    mapStep({ name: 'square', items: 'items', item: n, outputs: { squares: n }, batchSize: 2, concurrency: 2 }, ({ item }) => item ** 2),
    step({ name: 'total', inputs: { squares: list }, outputs: { sum: n } }, ({ squares }) => squares.reduce((a, b) => a + b, 0)),
  ],
});

const upToFour = (item: number) => (item > 4 ? fail() : item);
export const mapFails = pipeline('map_fails', {
  steps: [
    numbers,
    mapStep({ name: 'check', items: 'items', item: n, outputs: { checked: n }, batchSize: 2, concurrency: 2 }, ({ item }) =>
      upToFour(item),
    ),
  ],
});
export const mapCollects = pipeline('map_collects', {
  steps: [
    numbers,
    mapStep({ name: 'check', items: 'items', item: n, outputs: { checked: n }, batchSize: 3, onItemError: 'collect' }, ({ item }) =>
      upToFour(item),
    ),
  ],
});

const review = approval({ name: 'review', after: [load], message: 'Ship it?' });
export const approved = pipeline('approved', { steps: [load, review, step({ name: 'ship', after: [review] }, () => {})] });
const hurried = (onTimeout: 'fail' | 'approve') =>
  approval({ name: 'review', after: [load], message: 'Ship it?', timeout: '1 second', onTimeout });
export const approvalFails = pipeline('approval_fails', {
  steps: [load, hurried('fail'), step({ name: 'ship', after: ['review'] }, () => {})],
});
export const approvalPasses = pipeline('approval_passes', {
  steps: [load, hurried('approve'), step({ name: 'ship', after: ['review'] }, () => {})],
});

export const hooks = pipeline('hooks', {
  steps: [
    step({ name: 'work', params: { way: z.enum(['well', 'badly', 'for ever']) } }, ({ way }, run) =>
      way === 'well' ? 1 : way === 'badly' ? fail() : forEver(run),
    ),
  ],
  onSuccess: step({ name: 'rejoice' }, (_, run) => run.result?.status),
  onFailure: [step({ name: 'mourn' }, (_, run) => run.result?.status), step({ name: 'clumsy' }, fail)],
  onCancel: step({ name: 'clean_up' }, (_, run) => run.result?.status),
});

const small = (name: string, input: string | undefined, fn: (value: number) => number) =>
  step({ name, group: 'features', inputs: input ? { [input]: n } : {}, outputs: { [`${name}_out`]: n } }, (args) =>
    fn(input ? (args[input] ?? 0) : 0),
  );
const colocated = { features: { colocate: true } };
export const segment: Pipeline = pipeline('segment', {
  groups: colocated,
  steps: [
    small('s1', undefined, () => 1),
    small('s2', 's1_out', (x) => x + 1),
    small('s3', 's2_out', (x) => x + 1),
    step({ name: 'end', inputs: { s3_out: n }, outputs: { all: n } }, ({ s3_out }) => s3_out),
  ],
});
export const segmentFails: Pipeline = pipeline('segment_fails', {
  groups: colocated,
  steps: [small('s1', undefined, () => 1), small('s2', 's1_out', fail), small('s3', 's2_out', (x) => x + 1)],
});

export const slow = pipeline('slow', {
  steps: [
    step({ name: 'first', outputs: { a: n } }, async () => {
      await wait(300);
      return 1;
    }),
    step({ name: 'second', inputs: { a: n }, outputs: { b: n } }, ({ a }) => a),
  ],
});

export const endless = pipeline('endless', {
  steps: [load, step({ name: 'watch', inputs: { raw: n } }, (_, run) => forEver(run)), step({ name: 'after', after: ['watch'] }, () => {})],
});

export const limited = pipeline('limited', {
  steps: [step({ name: 'stubborn', totalTimeout: '1 second' }, (_, run) => forEver(run))],
});
// The next attempt would come too late: Temporal does not wait for it.
export const limitedBetween = pipeline('limited_between', {
  steps: [step({ name: 'stubborn', totalTimeout: '2 seconds', retry: { maxAttempts: 9, initialInterval: '1 minute' } }, fail)],
});

export const repaired = pipeline('repaired', {
  steps: [
    load,
    step({ name: 'fit', inputs: { raw: n }, params: { ok: z.boolean().default(false) }, outputs: { model: n } }, ({ raw, ok }) =>
      ok ? raw : fail(),
    ),
  ],
});

// Long enough for a server that suggests to continue as new after 60 events. The approval waits the whole time.
const links = Array.from({ length: 14 }, (_, i) =>
  step({ name: `link_${i}`, inputs: i ? { [`l${i - 1}`]: n } : {}, outputs: { [`l${i}`]: n } }, () => i),
);
export const long: Pipeline = pipeline('long', {
  steps: [
    ...links,
    approval({ name: 'review', message: 'Long enough?' }),
    step({ name: 'list', after: [links.at(-1)?.name ?? ''], outputs: { items: list } }, () => Array.from({ length: 7 }, (_, i) => i)),
    mapStep({ name: 'square', items: 'items', item: n, outputs: { squares: n }, batchSize: 1, concurrency: 2 }, ({ item }) => item ** 2),
    step({ name: 'ship', inputs: { squares: list }, after: ['review'] }, () => {}),
  ],
});
