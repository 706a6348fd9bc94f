import { appendFileSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** Three steps. Each writes down that its function was called: what the results say of that is not to be taken on trust. */
const called = (name: string, seed: number) => appendFileSync(new URL(`../called-${seed}.txt`, import.meta.url), `${name}\n`);
const seeded = z.object({ seed: z.number(), value: z.number() });

const first = step({ name: 'first', params: { seed: z.number() }, outputs: { one: seeded } }, ({ seed }) => {
  called('first', seed);
  return { seed, value: 1 };
});
const second = step({ name: 'second', inputs: { one: seeded }, outputs: { two: seeded } }, ({ one }) => {
  called('second', one.seed);
  return { ...one, value: 2 };
});
const third = step({ name: 'third', inputs: { two: seeded }, outputs: { three: seeded } }, ({ two }) => {
  called('third', two.seed);
  return { ...two, value: 3 };
});

export default pipeline('three_steps', { steps: [first, second, third] });
