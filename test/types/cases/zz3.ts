import {
  type AnyStep,
  bytes,
  dataset,
  directory,
  file,
  materializer,
  metrics,
  model,
  pipeline,
  run,
  type Step,
  step,
  table,
} from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load_data', outputs: { data: z.array(z.number()) } }, () => [1, 2, 3]);
const optional = step({ name: 'opt', inputs: { data: z.array(z.number()).optional() } }, ({ data }) => data?.length);
export const o1 = pipeline('p', { steps: [load, optional] });
const wide = step({ name: 'wide', inputs: { data: z.array(z.union([z.number(), z.string()])) } }, () => {});
export const o2 = pipeline('p', { steps: [load, wide] });
const unk = step({ name: 'unk', inputs: { data: z.unknown() } }, () => {});
export const o3 = pipeline('p', { steps: [load, unk] });
const anyy = step({ name: 'anyy', inputs: { data: z.any() } }, () => {});
export const o4 = pipeline('p', { steps: [load, anyy] });
const ly = step({ name: 'ly', outputs: { data: z.any() } }, () => 5);
const ny = step({ name: 'ny', inputs: { data: z.number() } }, () => {});
export const o5 = pipeline('p', { steps: [ly, ny] });
const lu = step({ name: 'lu', outputs: { data: z.unknown() } }, () => 5);
export const o6 = pipeline('p', { steps: [lu, ny] });
const codec = z.codec(z.iso.datetime(), z.date(), { decode: (t) => new Date(t), encode: (d) => d.toISOString() });
const cd = step({ name: 'cd', outputs: { when: codec } }, () => new Date());
const cs = step({ name: 'cs', inputs: { when: z.string() } }, ({ when }) => when.length);
export const o7 = pipeline('p', { steps: [cd, cs] });
const cdi = step({ name: 'cdi', inputs: { when: codec } }, ({ when }) => when.getTime());
export const o8 = pipeline('p', { steps: [cd, cdi] });
const cz = step({ name: 'cz', inputs: { when: z.date() } }, ({ when }) => when.getTime());
export const o9 = pipeline('p', { steps: [cd, cz] });
const t1 = step({ name: 't1', outputs: { rows: table<{ x: number }>() } }, () => [{ x: 1 }]);
const t2 = step({ name: 't2', inputs: { rows: table<{ x: string }>() } }, () => {});
const t3 = step({ name: 't3', inputs: { rows: table() } }, () => {});
const t4 = step({ name: 't4', inputs: { rows: table<{ x: number; y: number }>() } }, () => {});
export const p1 = pipeline('p', { steps: [t1, t2] });
export const p2 = pipeline('p', { steps: [t1, t3] });
export const p3 = pipeline('p', { steps: [t1, t4] });
const t5 = step({ name: 't5', outputs: { rows: table() } }, () => [{ x: 1 }]);
const t6 = step({ name: 't6', inputs: { rows: table<{ x: number }>() } }, () => {});
export const p4 = pipeline('p', { steps: [t5, t6] });
const m1 = step({ name: 'm1', outputs: { m: model(file()) } }, () => ({ data: '/x' }));
const m2 = step({ name: 'm2', inputs: { m: model() } }, ({ m }) => m.data.length);
const m3 = step({ name: 'm3', inputs: { m: dataset() } }, () => {});
const m4 = step({ name: 'm4', inputs: { m: model(bytes()) } }, () => {});
const m5 = step({ name: 'm5', inputs: { m: file() } }, () => {});
const m6 = step({ name: 'm6', inputs: { m: model(directory()) } }, () => {});
export const q1 = pipeline('p', { steps: [m1, m2] });
export const q2 = pipeline('p', { steps: [m1, m3] });
export const q3 = pipeline('p', { steps: [m1, m4] });
export const q4 = pipeline('p', { steps: [m1, m5] });
export const q5 = pipeline('p', { steps: [m1, m6] });
const chain = pipeline('c').add(load).add(ny);
export const r1 = run(chain);
const half = pipeline('c').add(ny);
export const r2 = run(half);
const good = pipeline('c', { steps: [load, t1, m1] });
export const r3 = run(good).then(async (r) => {
  const x: number[] = await r.output('data');
  const y: string = await r.output('data');
  const z1: number = (await r.output('rows')).numRows;
  const d: number[] | undefined = r.outputs.data;
  const u: unknown = await r.output('zzz');
  return [x, y, z1, d, u];
});
export const two = step({ name: 'two', outputs: { a: z.number(), b: z.string() } }, () => ({ a: 1 }));
export const twoWrong = step({ name: 'two', outputs: { a: z.number(), b: z.string() } }, () => ({ a: 1, b: 2 }));
export const twoExtra = step({ name: 'two', outputs: { a: z.number(), b: z.string() } }, () => ({ a: 1, b: 'x', c: 2 }));
export const asyncOk = step({ name: 'as', outputs: { a: z.number() } }, async () => 1);
export const asyncBad = step({ name: 'as', outputs: { a: z.number() } }, async () => 'x');
export const none = step({ name: 'none' }, () => 5);
export const badOpt = step({ name: 'o', retries: 3 }, () => {});
export const badName = step({ name: 5 }, () => {});
export const prm = step({ name: 'prm', params: { lr: z.number().default(0.1), mode: z.enum(['a', 'b']).optional() } }, ({ lr, mode }) => {
  const n: number = lr;
  const m: 'a' | 'b' | undefined = mode;
  const bad: string = lr;
  return [n, m, bad];
});
prm.fn({ lr: 1 });
prm.fn({ lr: 1, mode: 'a' });
prm.fn({ lr: 1, mode: 'c' });
prm.fn({});
export const list: Step[] = [load];
export const anyList: AnyStep[] = [load, ny];
export const w1 = pipeline('w', { steps: anyList });
export const w2 = pipeline('w', { steps: list });
export const r4 = run(w1);
export const badp = pipeline('w', { steps: [load], retrys: 1 });
export const badp2 = pipeline('w', { steps: [load], enable_cache: false });
const img = materializer<{ px: number }>({ type: 'image/png', write: () => new Uint8Array(), read: () => ({ px: 1 }) });
const txt = materializer<{ px: string }>({ type: 'x', write: () => new Uint8Array(), read: () => ({ px: '' }) });
const i1 = step({ name: 'i1', outputs: { im: img } }, () => ({ px: 1 }));
const i2 = step({ name: 'i2', inputs: { im: txt } }, ({ im }) => im.px);
const i3 = step({ name: 'i3', inputs: { im: img } }, ({ im }) => im.px.toFixed());
export const s1 = pipeline('p', { steps: [i1, i2] });
export const s2 = pipeline('p', { steps: [i1, i3] });
const after = step({ name: 'after', after: ['load_data', load] }, () => {});
export const s3 = pipeline('p', { steps: [after, load] });
export const s4 = pipeline('p', { steps: [load, load] });
const both = step({ name: 'both', inputs: { x: z.number() }, params: { x: z.string() } }, ({ x }) => x);
const obj = step({ name: 'obj', outputs: { o: z.object({ a: z.number(), b: z.string() }) } }, () => ({ a: 1, b: '' }));
const objIn = step({ name: 'objIn', inputs: { o: z.object({ a: z.number() }) } }, () => {});
const objOpt = step({ name: 'objOpt', inputs: { o: z.object({ a: z.number(), c: z.string().optional() }) } }, () => {});
const objMore = step({ name: 'objMore', inputs: { o: z.object({ a: z.number(), c: z.string() }) } }, () => {});
export const v1 = pipeline('p', { steps: [obj, objIn, objOpt] });
export const v2 = pipeline('p', { steps: [obj, objMore] });
const def = step({ name: 'def', outputs: { o: z.number().default(3) } }, () => 4);
const defIn = step({ name: 'defIn', inputs: { o: z.number() } }, ({ o }) => o + 1);
export const v3 = pipeline('p', { steps: [def, defIn] });
const dup1 = step({ name: 'd1', outputs: { o: z.number() } }, () => 4);
export const v4 = pipeline('p', { steps: [def, dup1, defIn] });
export const bt = step({ name: 'bt', outputs: { b: bytes() } }, () => 'str');
export const mt = step({ name: 'mt', outputs: { b: metrics() } }, () => ({ auc: 'high' }));
export const tt = step({ name: 'tt', outputs: { b: table<{ x: number }>() } }, () => [{ x: 'a' }]);
export const tt2 = step({ name: 'tt2', outputs: { b: table<{ x: number }>() } }, () => ({ x: new Float64Array(3) }));
export const tt3 = step({ name: 'tt3', outputs: { b: table<{ x: number }>() } }, async function* () {
  yield [{ x: 1 }];
});
export const comp = Array.from({ length: 3 }, (_, i) => step({ name: `s${i}`, outputs: { [`o${i}`]: z.number() } }, () => i));
export const w5 = pipeline('w', { steps: comp });
const withRun = step({ name: 'x' }, (_, r) => {
  r.metric('a', 1);
  r.log.info('x');
  const s: AbortSignal = r.signal;
  r.nope;
  return s;
});
