import { approval, mapStep, optional, pipeline, step, table } from 'flowyml';
import { z } from 'zod';
import { exactly } from './exactly.ts';

const numbers = step({ name: 'numbers', outputs: { numbers: z.array(z.number()), factor: z.number() } }, () => ({
  numbers: [1],
  factor: 2,
}));

// Conditions and fallbacks.
export const guarded = step(
  {
    name: 'guarded',
    inputs: { factor: z.number() },
    params: { limit: z.number().default(1) },
    outputs: { half: z.number() },
    when: (inputs, params) => exactly<number>()(inputs.factor) > exactly<number>()(params.limit),
    onFailure: (error, args) => exactly<string>()(error.message).length + args.factor + args.limit,
  },
  ({ factor }) => factor / 2,
);
// error: Type 'string' is not assignable to type 'boolean | Promise<boolean>'
export const badWhen = step({ name: 'bad_when', when: () => 'yes' }, () => {});
// error: Type 'string' is not assignable to type 'number | Promise<number>'
export const badFallback = step({ name: 'bad_fallback', outputs: { half: z.number() }, onFailure: () => 'none' }, () => 1);
// error: is not assignable to type '"continue" |
export const badWord = step({ name: 'bad_word', onFailure: 'ignore' }, () => {});

// Inputs that may be missing.
const rows = step({ name: 'rows', outputs: { rows: table<{ x: number }>() } }, () => [{ x: 1 }]);
const maybe = step(
  { name: 'maybe', inputs: { rows: optional(table<{ x: number }>()), factor: z.number().optional() } },
  ({ rows, factor }) => {
    exactly<number | undefined>()(factor);
    // error: 'rows' is possibly 'undefined'
    return rows.numRows;
  },
);
export const joined = pipeline('right', { steps: [numbers, rows, maybe] });

// Maps.
const squares = mapStep(
  {
    name: 'squares',
    items: 'numbers',
    item: z.number(),
    inputs: { factor: z.number() },
    params: { lr: z.number() },
    outputs: { squares: z.number() },
  },
  ({ item, factor, lr }) => exactly<number>()(item) * exactly<number>()(factor) * exactly<number>()(lr),
);
const collected = mapStep(
  { name: 'collected', items: 'numbers', item: z.number(), outputs: { roots: z.number() }, onItemError: 'collect' },
  ({ item }) => Math.sqrt(item),
);
const named = mapStep(
  { name: 'named', items: 'numbers', item: z.number(), outputs: { named: z.number() } },
  ({ item }: { item: number }) => item,
);
const effects = mapStep({ name: 'effects', items: 'numbers', item: z.number() }, ({ item }) => item);
const sum = step({ name: 'sum', inputs: { squares: z.array(z.number()) } }, ({ squares }) => squares.length);
const sumRoots = step({ name: 'sum_roots', inputs: { roots: z.array(z.number().nullable()) } }, ({ roots }) => roots.length);
const noNulls = step({ name: 'no_nulls', inputs: { roots: z.array(z.number()) } }, () => {});
const oneSquare = step({ name: 'one_square', inputs: { squares: z.number() } }, () => {});
export const mapped = pipeline('right', { steps: [numbers, squares, collected, named, effects, sum, sumRoots] });
exactly<number[] | Promise<number[]>>()(squares.fn({ numbers: [1], factor: 2, lr: 1 }));
// error: step 'squares': no step produces input
export const noItems = pipeline('wrong', { steps: [squares] });
// error: step 'one_square': input 'squares' has another type
export const notOne = pipeline('wrong', { steps: [numbers, squares, oneSquare] });
// error: step 'no_nulls': input 'roots' has another type
export const withNulls = pipeline('wrong', { steps: [numbers, collected, noNulls] });
// error: Type 'string' is not assignable to type 'number | Promise<number>'
export const badItem = mapStep({ name: 'bad_item', items: 'numbers', item: z.number(), outputs: { out: z.number() } }, () => 'x');

// Approvals and hooks.
const review = approval({ name: 'review', after: [numbers], message: 'Ship it?', timeout: '7 days', onTimeout: 'reject' });
const deploy = step({ name: 'deploy', after: [review] }, () => {});
export const approved = pipeline('right', { steps: [numbers, review, deploy], onFailure: deploy, onSuccess: [deploy] });
// error: '"wait"' is not assignable to type
export const badApproval = approval({ name: 'review', onTimeout: 'wait' });
// error: is not assignable to type
export const badHook = pipeline('wrong', { steps: [numbers], onFailure: () => {} });
