import { type AnyStep, pipeline, run, type Step, step, table } from 'flowyml';
import { z } from 'zod';
import { exactly } from './exactly.ts';

const load = step({ name: 'load', outputs: { data: z.array(z.number()), rows: table<{ x: number }>() } }, () => ({ data: [1], rows: [] }));
const size = step({ name: 'size', inputs: { data: z.array(z.number()) }, outputs: { size: z.number() } }, ({ data }) => data.length);
const shout = step({ name: 'shout', inputs: { data: z.string() } }, ({ data }) => data.length);
const lost = step({ name: 'lost', inputs: { dta: z.number() } }, () => {});

// Lists whose length the compiler does not know are checked when they are compiled, not here.
const list: Step[] = [load, lost];
const anyList: AnyStep[] = [load, lost];
const loop = Array.from({ length: 3 }, (_, i) => step({ name: `s${i}`, outputs: { [`o${i}`]: z.number() } }, () => i));
export const unchecked = pipeline('list', { steps: list });
export const uncheckedToo = pipeline('list', { steps: anyList });
export const looped = pipeline('list', { steps: loop });
export const mixed = pipeline('list', { steps: [...loop, lost] });
export const ranList = run(unchecked);
// error: Type 'string' is not assignable to type
export const wrongLoop = Array.from({ length: 3 }, (_, i) => step({ name: `s${i}`, outputs: { [`o${i}`]: z.number() } }, () => 'x'));

// A chain may be half built, and is checked where it is run.
const half = pipeline('chain').add(size);
export const chain = half.add(load);
export const ran = run(chain, { params: { lr: 0.1 }, tags: ['nightly'] });
// error: step 'size': no step produces input 'data'
export const ranHalf = run(half);
// error: step 'shout': input 'data' has another type than the step that produces it
export const ranWrong = run(pipeline('chain').add(load).add(shout));
// error: step 'lost': no step produces input 'dta'
export const ranLost = run(pipeline('chain').add(load).add(size).add(lost));

// Options of a pipeline and of a run.
export const options = pipeline('options', {
  steps: [load],
  context: { lr: 0.1, nested: { free: [1, null, 'x'] } },
  version: 'v1',
  project: 'shop',
  cache: false,
  experimentTracking: true,
  checkpointing: true,
  groups: { gpu: { resources: { memory: '1Gi' } } },
  retry: { maxAttempts: 2 },
  timeout: '1 hour',
  tags: ['nightly'],
});
// error: 'retrys' does not exist in type
export const unknownOption = pipeline('options', { steps: [load], retrys: 1 });
// error: 'paramz' does not exist in type
export const unknownRunOption = run(chain, { paramz: {} });
// error: is not assignable to parameter of type
export const noPipeline = run(load);

// A result knows its outputs.
export async function results(): Promise<void> {
  const result = await run(chain);
  exactly<number[]>()(await result.output('data'));
  exactly<number>()(await result.output('size'));
  exactly<{ x: number }[]>()(await (await result.output('rows')).toArray());
  exactly<number | undefined>()(result.outputs.size);
  exactly<boolean>()(result.success);
  exactly<unknown>()(await result.output('size_of_something_else'));
  // error: Property 'sise' does not exist on type
  result.outputs.sise;
  // error: Type 'number[]' is not assignable to type 'string'
  const text: string = await result.output('data');
  console.log(text);
}
