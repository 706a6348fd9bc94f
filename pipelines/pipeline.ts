import type { CacheOption } from './cache-option.ts';
import { definingFile } from './defining-file.ts';
import type { DockerOptions } from './docker.ts';
import type { Duration } from './duration.ts';
import { UsageError } from './errors.ts';
import type { GroupLimits } from './group-limits.ts';
import type { JsonObject } from './json.ts';
import { hint } from './names.ts';
import { isPriority, NO_PRIORITY, type RunPriority } from './priority.ts';
import type { ResourceOptions } from './resources.ts';
import { parseSchedules, type ScheduleOptions } from './schedule.ts';
import type { ExecutorSpec, StackLike } from './stack-spec.ts';
import type { AnyStep, RetryOptions } from './step.ts';
import type { Wired } from './wiring.ts';

const BRAND = Symbol.for('flowyml.pipeline');

export const CODE_CHANGE_POLICIES = ['run', 'fail'] as const;
export type CodeChangePolicy = (typeof CODE_CHANGE_POLICIES)[number];

/** What holds for every step of a group, unless the step says otherwise; flowyml.yaml's word wins over the pipeline's. */
export interface GroupOptions extends GroupLimits {
  /** What it needs, or the name of a profile in flowyml.yaml. */
  resources?: ResourceOptions | string;
  /** Where its steps run: `local`, `docker`, or an executor with its settings. */
  executor?: string | ExecutorSpec;
  docker?: DockerOptions;
  /** Workers at most (containers, say); 1 unless given. */
  replicas?: number;
  /** With `autoscaling`: workers at least; 0 unless given. */
  minReplicas?: number;
  /** Its steps share a worker where their order allows it, and run there one after the other: for many small steps. */
  colocate?: boolean;
}

export interface PipelineOptions {
  description?: string;
  /** Defaults for the steps' params, by name, and free keys beside them. */
  context?: JsonObject;
  /** The stack it runs on unless a run names another. */
  stack?: string | StackLike;
  /** Where its steps run unless their stack says otherwise: `local`. */
  executor?: string;
  /** Shown with every run. Without one, a hash of the plan. */
  version?: string;
  /** A label on its runs. */
  project?: string;
  /** For steps that say nothing themselves: whether later runs may reuse their results. */
  cache?: CacheOption;
  /** Whether params and metrics of its runs are recorded; true unless said otherwise. */
  experimentTracking?: boolean;
  groups?: Record<string, GroupOptions>;
  /** For steps that say nothing themselves. */
  retry?: RetryOptions;
  timeout?: Duration;
  totalTimeout?: Duration;
  tags?: readonly string[];
  /**
   * What becomes of a step whose code has changed since its run was planned, where a worker has only the new code: `'run'`
   * (unless said otherwise) runs it and says so in its result, `'fail'` fails it.
   */
  onCodeChange?: CodeChangePolicy;
  /** When it runs by itself: `flowyml schedule sync` tells the server. Several need names. */
  schedule?: ScheduleOptions | readonly ScheduleOptions[];
  /** How early its runs' tasks are taken from a queue that is full: 1 first, 5 last. A run may say otherwise. */
  priority?: RunPriority;
  /** Steps that run when a run has succeeded, failed or been cancelled. What they do changes nothing about how it ended. */
  onSuccess?: AnyStep | readonly AnyStep[];
  onFailure?: AnyStep | readonly AnyStep[];
  onCancel?: AnyStep | readonly AnyStep[];
  /** Runs always survive a crash: `true` is accepted, `false` is refused when the pipeline is made. */
  checkpointing?: boolean;
}

/** A pipeline: a name, options, and steps in any order. */
export interface Pipeline<S extends readonly AnyStep[] = readonly AnyStep[]> {
  readonly [BRAND]: true;
  readonly name: string;
  readonly steps: S;
  readonly options: PipelineOptions;
  /** The file whose code made it; workers load it from there. */
  readonly file: string | undefined;
  /** A pipeline with one more step. The pipeline itself does not change. */
  add<T extends AnyStep>(step: T): Pipeline<readonly [...S, T]>;
}

/** A pipeline of any steps. */
export type AnyPipeline = Omit<Pipeline, 'add'>;

export const isPipeline = (value: unknown): value is AnyPipeline => typeof value === 'object' && value !== null && BRAND in value;

const OPTIONS: readonly (keyof PipelineOptions | 'steps')[] = [
  'description',
  'context',
  'stack',
  'executor',
  'version',
  'project',
  'cache',
  'experimentTracking',
  'groups',
  'retry',
  'timeout',
  'totalTimeout',
  'tags',
  'onCodeChange',
  'schedule',
  'priority',
  'onSuccess',
  'onFailure',
  'onCancel',
  'checkpointing',
  'steps',
];

// Options of the Python original, by what they are called here; the rest are refused with the reason.
const RENAMED: Record<string, string> = {
  project_name: 'project',
  projectName: 'project',
  enable_cache: 'cache',
  enableCache: 'cache',
  enable_checkpointing: 'checkpointing',
  enableCheckpointing: 'checkpointing',
  enable_experiment_tracking: 'experimentTracking',
  enableExperimentTracking: 'experimentTracking',
};
const CACHE_DIR =
  "cache entries are rows in PostgreSQL and bytes in the stack's artifact store: set the store's folder instead (flowyml.yaml, artifact_path)";
const REFUSED: Record<string, string> = { cache_dir: CACHE_DIR, cacheDir: CACHE_DIR };

function checkOptions(name: string, options: object): PipelineOptions {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (Object.hasOwn(REFUSED, key)) throw new UsageError(`pipeline '${name}': option '${key}' is not supported: ${REFUSED[key]}`);
    const known = (Object.hasOwn(RENAMED, key) && RENAMED[key]) || key;
    if (!(OPTIONS as readonly string[]).includes(known)) {
      throw new UsageError(`pipeline '${name}': unknown option '${key}'${hint(key, OPTIONS)}`);
    }
    if (known !== 'steps') result[known] = value;
  }
  const { onCodeChange } = result;
  if (onCodeChange !== undefined && !CODE_CHANGE_POLICIES.some((policy) => policy === onCodeChange))
    throw new UsageError(`pipeline '${name}': onCodeChange ${JSON.stringify(onCodeChange)}: expected 'run' or 'fail'`);
  if (result.priority !== undefined && !isPriority(result.priority))
    throw new UsageError(`pipeline '${name}': priority: ${JSON.stringify(result.priority)} ${NO_PRIORITY}`);
  if (result.checkpointing === false) {
    throw new UsageError(`pipeline '${name}': checkpointing cannot be switched off: every run is durable`);
  }
  parseSchedules(name, result.schedule);
  return result;
}

/**
 * Makes a pipeline. The order of `steps` means nothing: inputs and outputs that share a name are wired.
 * @throws UsageError for an unknown option, or a mistake in its schedule
 *
 * @example
 * export default pipeline('training', { steps: [loadData, train], context: { learning_rate: 0.02 } });
 * export default pipeline('etl').add(extract).add(transform);
 */
export function pipeline(name: string, options?: PipelineOptions): Pipeline<readonly []>;
export function pipeline<const S extends readonly AnyStep[]>(name: string, options: PipelineOptions & { steps: S & Wired<S> }): Pipeline<S>;
export function pipeline(name: string, options: PipelineOptions & { steps?: readonly AnyStep[] } = {}): Pipeline {
  return make(name, options.steps ?? [], checkOptions(name, options), definingFile(pipeline));
}

function make(name: string, steps: readonly AnyStep[], options: PipelineOptions, file: string | undefined): Pipeline {
  return {
    [BRAND]: true,
    name,
    steps,
    options,
    file,
    add: (step) => make(name, [...steps, step], options, file) as never,
  };
}
