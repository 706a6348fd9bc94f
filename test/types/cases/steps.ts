import { pipeline, type StepRun, step } from 'flowyml';
import { z } from 'zod';
import { exactly } from './exactly.ts';

const outputs = { a: z.number(), b: z.string() };

// One output is the return value, several are an object, none is anything.
export const one = step({ name: 'one', outputs: { a: z.number() } }, () => 1);
export const later = step({ name: 'later', outputs: { a: z.number() } }, async () => 1);
export const two = step({ name: 'two', outputs }, () => ({ a: 1, b: 'x' }));
export const none = step({ name: 'none' }, () => 'kept as result');
// error: Type 'string' is not assignable to type 'number | Promise<number>'
export const wrongValue = step({ name: 'wrong_value', outputs: { a: z.number() } }, () => 'x');
// error: Type 'Promise<string>' is not assignable
export const wrongLater = step({ name: 'wrong_later', outputs: { a: z.number() } }, async () => 'x');
// error: Type '{ a: number; }' is not assignable to type 'number | Promise<number>'
export const wrapped = step({ name: 'wrapped', outputs: { a: z.number() } }, () => ({ a: 1 }));
// error: Type 'void' is not assignable
export const nothing = step({ name: 'nothing', outputs: { a: z.number() } }, () => {});
// error: Property 'b' is missing in type '{ a: number; }'
export const missing = step({ name: 'missing', outputs }, () => ({ a: 1 }));
// error: Type 'number' is not assignable to type 'string'
export const wrongSecond = step({ name: 'wrong_second', outputs }, () => ({ a: 1, b: 2 }));

// Inputs and params come as one object, params as their schema gives them.
const train = step(
  {
    name: 'train',
    inputs: { data: z.array(z.number()) },
    params: { lr: z.coerce.number().default(0.1), mode: z.enum(['fast', 'good']).optional(), seed: z.string().transform(Number) },
    outputs: { weight: z.number() },
  },
  ({ data, lr, mode, seed }, run) => {
    exactly<number[]>()(data);
    exactly<number>()(lr);
    exactly<'fast' | 'good' | undefined>()(mode);
    exactly<number>()(seed);
    exactly<AbortSignal>()(run.signal);
    run.metric('loss', 0.1, { step: 1 });
    run.progress(0.5, 'half way');
    // error: 'reports' does not exist on type 'StepRun'
    run.reports;
    return data.length * lr;
  },
);
// error: Property 'epochs' does not exist
export const undeclared = step({ name: 'undeclared', params: { lr: z.number() } }, ({ epochs }) => epochs);

// A function with types of its own says nothing about what the step takes: that is the definition's.
const size = ({ tag }: { tag: string }) => tag.length;
const logged =
  <A extends { tag: string }, R>(work: (args: A, run: StepRun) => R) =>
  (args: A, run: StepRun): R =>
    work(args, run);
const named = step({ name: 'named', params: { tag: z.string() }, outputs: { a: z.number() } }, size);
const inside = step(
  { name: 'inside', params: { tag: z.string() }, inputs: { a: z.number() }, outputs: { b: z.number() } },
  logged(({ a, tag }) => exactly<number>()(a) + tag.length),
);
export const wired = pipeline('right', { steps: [named, inside] });
// error: Property 'tag' is missing in type
export const notDeclared = step({ name: 'not_declared' }, size);

// The function can be called by hand.
exactly<number | Promise<number>>()(train.fn({ data: [1], lr: 1, mode: 'fast', seed: 3 }));
exactly<'train'>()(train.name);
// error: 'lrr' does not exist in type
train.fn({ data: [1], lrr: 1, mode: 'fast', seed: 3 });
// error: Type 'string' is not assignable to type 'number'
train.fn({ data: ['1'], lr: 1, mode: 'fast', seed: 3 });
// error: Type '"slow"' is not assignable to type '"fast" | "good" | undefined'
train.fn({ data: [1], lr: 1, mode: 'slow', seed: 3 });
// error: missing the following properties
train.fn({ data: [1] });

// Options.
export const full = step(
  {
    name: 'full',
    description: 'All options.',
    after: [train, 'one'],
    group: 'gpu',
    resources: { cpu: 2, memory: '8Gi', gpu: 'nvidia-l4', gpuCount: 1 },
    retry: { maxAttempts: 3, backoff: 1.5, initialInterval: '2 s', maxInterval: 60_000, nonRetryable: ['TypeError'] },
    timeout: '10 minutes',
    totalTimeout: '2 hours',
    tags: ['nightly'],
  },
  () => {},
);
// error: 'retries' does not exist in type
export const unknownOption = step({ name: 'o', retries: 3 }, () => {});
// error: 'memmory' does not exist in type 'ResourceOptions'
export const unknownResource = step({ name: 'o', resources: { memmory: '1Gi' } }, () => {});
// error: '"linear"' is not assignable to type
export const unknownBackoff = step({ name: 'o', retry: { backoff: 'linear' } }, () => {});
// error: Type 'number' is not assignable to type 'string'
export const numberName = step({ name: 5 }, () => {});
// error: is not assignable to type 'OutputType'
export const noSchema = step({ name: 'o', outputs: { a: 'number' } }, () => {});
