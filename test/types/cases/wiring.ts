import { dataset, file, metrics, model, pipeline, step, table } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load_data', outputs: { data: z.array(z.number()) } }, () => [1, 2, 3]);
const split = step({ name: 'split', inputs: { data: z.array(z.number()) }, outputs: { a: z.number(), b: z.number() } }, ({ data }) => ({
  a: data[0] ?? 0,
  b: data[1] ?? 0,
}));
const train = step(
  { name: 'train', inputs: { a: z.number() }, params: { lr: z.number().default(0.1) }, outputs: { m: model(file()) } },
  async ({ a, lr }, run) => {
    run.metric('x', a * lr);
    return { data: '/tmp/x', version: 'v1' };
  },
);
const ev = step({ name: 'ev', inputs: { m: model(file()) }, outputs: { score: metrics() } }, ({ m }) => ({ auc: m.data.length }));
const t1 = step({ name: 't1', outputs: { rows: table<{ x: number }>() } }, () => [{ x: 1 }]);
const t2 = step({ name: 't2', inputs: { rows: table<{ x: number }>() }, outputs: { n: z.number() } }, ({ rows }) => rows.numRows);
const d1 = step({ name: 'd1', outputs: { ds: dataset() } }, async () => ({ data: [{ x: 1 }], properties: { rows: 1 } }));
export const ok = pipeline('ok', { steps: [load, split, train, ev, t1, t2, d1] });
export const chain = pipeline('ok').add(load).add(split);
const loop = Array.from({ length: 10 }, (_, i) => step({ name: `s${i}` }, () => i));
export const many = pipeline('many', { steps: loop });
const bad = step({ name: 'bad', inputs: { a: z.string(), zz: z.number() } }, () => {});
export const nope = pipeline('nope', { steps: [load, split, bad] });
export const wrongKind = pipeline('wrong', { steps: [load, step({ name: 'k', inputs: { data: table() } }, () => {})] });
export const wrongReturn = step({ name: 'r', outputs: { a: z.number() } }, () => 'x');
export const wrongName = train.fn({ a: 1, lrr: 2 });
