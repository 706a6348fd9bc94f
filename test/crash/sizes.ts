import { type AnyStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

// Pipelines at the limits of what Temporal takes: 2 MiB for one value, thousands of events, 2,000 pending activities.
const s = z.string();
const COUNT = 2000;

/** 3 KB that travel inline, and tell where they come from. */
const bulk = (about: string) => `${about} ${'.'.repeat(3000)}`;

/** So many steps, one after the other; each hands on 3 KB, so that all they made is far more than one value may hold. */
export const long = pipeline('long', {
  steps: Array.from({ length: COUNT }, (_, i): AnyStep => {
    const outputs = { [`v${i}`]: s };
    if (!i) return step({ name: 's0', outputs }, () => bulk('0'));
    return step({ name: `s${i}`, inputs: { [`v${i - 1}`]: s }, outputs }, (args) =>
      bulk(String(Number.parseInt(String(Object.values(args)[0]), 10) + 1)),
    );
  }),
});

/** So many steps side by side, and one that takes what all of them made. */
export const wide = pipeline('wide', {
  steps: [
    ...Array.from({ length: COUNT }, (_, i): AnyStep => step({ name: `w${i}`, outputs: { [`x${i}`]: s } }, () => bulk(String(i)))),
    step(
      { name: 'gather', inputs: Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`x${i}`, s])), outputs: { sum: z.number() } },
      (args) => Object.values(args).reduce((sum: number, value) => sum + Number.parseInt(String(value), 10), 0),
    ) as AnyStep,
  ],
});

const many = Array.from({ length: 900 }, (_, i) => `o${i}`);

/** One step whose outputs together are more than one value may hold. */
export const rich = pipeline('rich', {
  steps: [
    step({ name: 'give', outputs: Object.fromEntries(many.map((name) => [name, s])) }, () =>
      Object.fromEntries(many.map((name) => [name, bulk(name)])),
    ),
    step({ name: 'take', inputs: { o0: s, o899: s }, outputs: { got: s } }, ({ o0, o899 }) => `${o0.slice(0, 4)}${o899.slice(0, 4)}`),
  ] as AnyStep[],
});

/** Its param may be large. */
export const fed = pipeline('fed', {
  steps: [step({ name: 'measure', params: { text: s }, outputs: { length: z.number() } }, ({ text }) => text.length)],
});

/** Fails with more words than anybody reads. */
export const wordy = pipeline('wordy', {
  steps: [
    step({ name: 'rant' }, () => {
      throw new Error('no '.repeat(1_000_000));
    }),
  ],
});
