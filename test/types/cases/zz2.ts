import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => [1]);
const sink = step({ name: 'sink', inputs: { data: z.array(z.number()) } }, ({ data }) => data.length);
const bad = step({ name: 'bad', inputs: { zz: z.number() } }, () => {});
const badAny = step({ name: 'badAny', inputs: { zz: z.unknown() } }, () => {});
export const a = pipeline('p', { steps: [load, sink, bad] });
export const b = pipeline('p', { steps: [load, sink, badAny] });
export const c = run(pipeline('p', { steps: [load, sink] })).then(async (r) => {
  const x: number = await r.output('nope');
  return x;
});
