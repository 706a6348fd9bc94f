import { z } from 'zod';
import { UsageError } from './errors.ts';
import { brand, type Outputs, type Params, type Step, type StepArgs, type StepOptions } from './step.ts';
import { detachedRun, type StepRun } from './step-run.ts';

type Schemas = Record<string, z.ZodType>;
type OnItemError = 'fail' | 'collect';

/** What a map makes of its items: for each output an array in the order of the items. `collect` leaves null where an item failed. */
export type MapOutputs<O extends Schemas, E extends OnItemError> = {
  [K in keyof O]: z.ZodArray<E extends 'collect' ? z.ZodNullable<O[K]> : O[K]>;
};

export interface MapDefinition<
  N extends string,
  In extends string,
  T extends z.ZodType,
  I extends Outputs,
  O extends Schemas,
  P extends Params,
  E extends OnItemError,
> extends Omit<StepOptions, 'timeout'> {
  name: N;
  /** The name of the input that holds the items: an array that some step produces. */
  items: In;
  /** The schema of one item. */
  item: T;
  /** Further inputs, the same for every item. */
  inputs?: I;
  /** What each item's call returns. Plain data. */
  outputs?: O;
  params?: P;
  /** Items in one durable task; a 64th of them, and at most 500, unless given. */
  batchSize?: number;
  /** Tasks at a time; 8 unless given. */
  concurrency?: number;
  /** Whether an item that has failed for good fails the step, or is left out (null) and listed. */
  onItemError?: E;
  /** For one batch of items. */
  timeout?: StepOptions['timeout'];
}

type ItemArgs<T extends z.ZodType, I extends Outputs, P extends Params> = { item: z.output<T> } & StepArgs<I, P>;
type ItemReturn<O extends Schemas> = keyof O extends never
  ? unknown
  : IsOne<keyof O> extends true
    ? z.output<O[keyof O]>
    : { [K in keyof O]: z.output<O[K]> };
type UnionToIntersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never;
type IsOne<K> = [K] extends [UnionToIntersection<K>] ? true : false;

/**
 * A step that calls its function once for each item of an array: a durable task a batch, each item retried by itself,
 * results in the order of the items. A task that is interrupted goes on where it was.
 *
 * @example
 * const squares = mapStep(
 *   { name: 'square', items: 'numbers', item: z.number(), outputs: { squares: z.number() }, concurrency: 8 },
 *   ({ item }) => item ** 2,
 * );
 */
export function mapStep<
  const N extends string,
  const In extends string,
  T extends z.ZodType,
  // biome-ignore lint/complexity/noBannedTypes: `{}` is the record with no keys
  O extends Schemas = {},
  // biome-ignore lint/complexity/noBannedTypes: as above
  I extends Outputs = {},
  // biome-ignore lint/complexity/noBannedTypes: as above
  P extends Params = {},
  const E extends OnItemError = 'fail',
>(
  definition: MapDefinition<N, In, T, I, O, P, E>,
  // NoInfer: what the definition says counts, whatever the function asks for.
  fn: (args: ItemArgs<NoInfer<T>, NoInfer<I>, NoInfer<P>>, run: StepRun) => ItemReturn<NoInfer<O>> | Promise<ItemReturn<NoInfer<O>>>,
): Step<N, I & Record<In, z.ZodArray<T>>, MapOutputs<O, E>, P> {
  const { name, items, item, inputs, outputs, params, batchSize, concurrency, onItemError = 'fail' as E, ...options } = definition;
  for (const [field, value] of Object.entries({ batchSize, concurrency })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new UsageError(`step '${name}': ${field}: ${value} is not a whole number of at least 1`);
    }
  }
  const itemOutputs: Schemas = outputs ?? {};
  const arrays = Object.fromEntries(
    Object.entries(itemOutputs).map(([key, type]) => [key, z.array(onItemError === 'collect' ? z.nullable(type) : type)]),
  );
  return brand({
    ...options,
    name,
    inputs: { ...inputs, [items]: z.array(item) } as I & Record<In, z.ZodArray<T>>,
    outputs: arrays as unknown as MapOutputs<O, E>,
    params: params ?? ({} as P),
    map: {
      items,
      onItemError,
      itemOutputs,
      itemFn: fn as (args: never, run: StepRun) => unknown,
      ...(batchSize === undefined ? {} : { batchSize }),
      ...(concurrency === undefined ? {} : { concurrency }),
    },
    fn: byHand,
  }) as unknown as Step<N, I & Record<In, z.ZodArray<T>>, MapOutputs<O, E>, P>;

  /** All items one after the other: what a unit test calls. */
  async function byHand(args: Record<string, unknown>, run: StepRun = detachedRun(name)): Promise<unknown> {
    const { [items]: all, ...rest } = args;
    const results: unknown[] = [];
    for (const each of all as unknown[]) results.push(await fn({ ...rest, item: each } as ItemArgs<T, I, P>, run));
    const names = Object.keys(itemOutputs);
    if (names.length <= 1) return results;
    return Object.fromEntries(names.map((key) => [key, results.map((result) => (result as Record<string, unknown>)[key])]));
  }
}
