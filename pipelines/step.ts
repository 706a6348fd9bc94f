import type { z } from 'zod';
import type { OutputType, SourceOf, ValueOf } from './artifact-types.ts';
import type { CacheOption } from './cache-option.ts';
import type { DockerOptions } from './docker.ts';
import type { Duration } from './duration.ts';
import type { ResourceOptions } from './resources.ts';
import type { StackLike } from './stack-spec.ts';
import { detachedRun, type StepRun } from './step-run.ts';

const BRAND = Symbol.for('flowyml.step');
const ORIGIN = Symbol.for('flowyml.step.origin');

export type Outputs = Record<string, OutputType>;
export type Params = Record<string, z.ZodType>;

/** How often and when a failed attempt is made again. A lost worker or an outage uses up no attempt. */
export interface RetryOptions {
  /** The first attempt included; 1 unless given. */
  maxAttempts?: number;
  /** `'exponential'` doubles the wait each time, `'fixed'` keeps it, a number is the factor. */
  backoff?: 'exponential' | 'fixed' | number;
  /** The wait before the second attempt; 1 s unless given. */
  initialInterval?: Duration;
  /** 100 times the initial interval unless given. */
  maxInterval?: Duration;
  /** Names of errors that are final at once. */
  nonRetryable?: readonly string[];
}

export interface StepOptions {
  description?: string;
  /** Steps, or names of steps, that must have ended well before this one starts, though it takes nothing from them. */
  after?: readonly (string | AnyStep)[];
  /** The execution group: which workers run it. */
  group?: string;
  /** What it needs, or the name of a profile in flowyml.yaml. */
  resources?: ResourceOptions | string;
  /** The stack it runs on, by name or made in code; its pipeline's unless given. */
  stack?: string | StackLike;
  /** The image that it runs in, where its executor runs containers. */
  docker?: DockerOptions;
  retry?: RetryOptions;
  /** For one attempt; the step's process is ended when it is over. */
  timeout?: Duration;
  /** For all attempts together, waits included. */
  totalTimeout?: Duration;
  /** Whether later runs may reuse its results; they may unless said otherwise. */
  cache?: CacheOption;
  tags?: readonly string[];
}

/** What a fallback is told of the failure that it stands in for. */
export interface StepFailureInfo {
  /** The error's name, such as `TypeError` or `StepTimeout`. */
  name: string;
  message: string;
}

export interface StepDefinition<N extends string, I extends Outputs, O extends Outputs, P extends Params> extends StepOptions {
  name: N;
  inputs?: I;
  outputs?: O;
  /** Taken by name from the run's params, else the pipeline's context, else the schema's default. */
  params?: P;
  /** Whether the step runs. Decided where the step would run, recorded, never cached; a skipped step skips what needs it. */
  when?: (inputs: InputValues<NoInfer<I>>, params: ParamValues<NoInfer<P>>) => boolean | Promise<boolean>;
  /**
   * What happens after the last attempt has failed: a function whose outputs stand in for the step's own (marked as a
   * fallback, never cached), or `'continue'`: what does not depend on the step goes on, and the run fails at its end.
   */
  onFailure?:
    | 'continue'
    | ((error: StepFailureInfo, args: StepArgs<NoInfer<I>, NoInfer<P>>) => ReturnOf<NoInfer<O>> | Promise<ReturnOf<NoInfer<O>>>);
}

export type InputValues<I extends Outputs> = { [K in keyof I]: ValueOf<I[K]> };
export type ParamValues<P extends Params> = { [K in keyof P]: z.output<P[K]> };
/** What a step's function gets as its first argument. */
export type StepArgs<I extends Outputs, P extends Params> = InputValues<I> & ParamValues<P>;
type UnionToIntersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never;
type IsOne<K> = [K] extends [UnionToIntersection<K>] ? true : false;

/** What a step's function returns: nothing, its one output, or an object with a value for each of its outputs. */
export type ReturnOf<O extends Outputs> = keyof O extends never
  ? unknown
  : string extends keyof O // names made at run time: how many there are, the compiler cannot know
    ? SourceOf<O[string]> | Record<string, SourceOf<O[string]>>
    : IsOne<keyof O> extends true
      ? SourceOf<O[keyof O]>
      : { [K in keyof O]: SourceOf<O[K]> };

export interface Step<N extends string = string, I extends Outputs = Outputs, O extends Outputs = Outputs, P extends Params = Params>
  extends StepOptions {
  readonly [BRAND]: true;
  readonly name: N;
  readonly inputs: I;
  readonly outputs: O;
  readonly params: P;
  readonly when?: (inputs: never, params: never) => boolean | Promise<boolean>;
  readonly onFailure?: 'continue' | ((error: StepFailureInfo, args: never) => unknown);
  readonly map?: MapOptions;
  readonly approval?: ApprovalOptions;
  /** The step's function, callable by hand: `train.fn({ data: [1], learning_rate: 1 })`. */
  // A method, whose parameters the compiler compares loosely: so that a step with inputs fits into a `Step[]`.
  fn(args: StepArgs<I, P>, run?: StepRun): ReturnOf<O> | Promise<ReturnOf<O>>;
}

/** A step of any inputs and outputs, as lists of steps hold it. */
export interface AnyStep extends StepOptions {
  readonly [BRAND]: true;
  readonly name: string;
  readonly inputs: Outputs;
  readonly outputs: Outputs;
  readonly params: Params;
  readonly when?: (inputs: never, params: never) => boolean | Promise<boolean>;
  readonly onFailure?: 'continue' | ((error: StepFailureInfo, args: never) => unknown);
  readonly map?: MapOptions;
  readonly approval?: ApprovalOptions;
  readonly fn: (args: never, run?: StepRun) => unknown;
}

/** What makes a step a map: see `mapStep()`. */
export interface MapOptions {
  /** The input that holds the items. */
  items: string;
  batchSize?: number;
  concurrency?: number;
  onItemError: 'fail' | 'collect';
  /** The type of each of an item's outputs. */
  itemOutputs: Record<string, z.ZodType>;
  itemFn: (args: never, run: StepRun) => unknown;
}

/** What makes a step an approval: see `approval()`. */
export interface ApprovalOptions {
  message?: string;
  timeout?: Duration;
  onTimeout: 'fail' | 'approve' | 'reject';
}

export const isStep = (value: unknown): value is AnyStep => typeof value === 'object' && value !== null && BRAND in value;

/**
 * A step of a pipeline: a function with declared inputs, params and outputs. Inputs are matched to the outputs of other
 * steps by name. The function gets inputs and params as one object, and its run as the second argument.
 *
 * @example
 * const train = step(
 *   { name: 'train', inputs: { data: z.array(z.number()) }, outputs: { weight: z.number() } },
 *   ({ data }) => data.length / 2,
 * );
 */
// biome-ignore lint/complexity/noBannedTypes: `{}` is the record with no keys; Record<string, never> would swallow every name
export function step<const N extends string, I extends Outputs = {}, O extends Outputs = {}, P extends Params = {}>(
  definition: StepDefinition<N, I, O, P>,
  // NoInfer: outputs are what the definition says, whatever the function returns.
  fn: (args: StepArgs<NoInfer<I>, NoInfer<P>>, run: StepRun) => ReturnOf<NoInfer<O>> | Promise<ReturnOf<NoInfer<O>>>,
): Step<N, I, O, P> {
  const { name, inputs, outputs, params, ...options } = definition;
  return brand({
    ...options,
    name,
    inputs: inputs ?? ({} as I),
    outputs: outputs ?? ({} as O),
    params: params ?? ({} as P),
    fn: (args: StepArgs<I, P>, run?: StepRun) => fn(args, run ?? detachedRun(name)),
  });
}

/** Marks an object as a step, so that every copy of flowyml knows it, and keeps where that was. */
export function brand<T extends object>(step: T): T & { readonly [BRAND]: true } {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  // Costs 3 µs: its text is only made when asked for. Not enumerable, so a changed copy of the step does not pass for it.
  const made = Object.defineProperty({ ...step, [BRAND]: true as const }, ORIGIN, { value: new Error() });
  Error.stackTraceLimit = before;
  return made;
}

/** The stack of the call that made a step; undefined for a copy of one. */
export const stepOrigin = (step: AnyStep): Error | undefined => (step as { [ORIGIN]?: Error })[ORIGIN];
