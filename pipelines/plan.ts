import type { PlanCache } from './cache-option.ts';
import type { DockerOptions } from './docker.ts';
import type { GroupLimits } from './group-limits.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { RunPriority } from './priority.ts';
import type { ResourceOptions } from './resources.ts';
import type { ArtifactRef } from './run-result.ts';
import type { ExecutorSpec, StackSpec } from './stack-spec.ts';

export const PLAN_VERSION = 1;

/** A step's retries: `maxAttempts` counts the first attempt, intervals are milliseconds. */
export interface PlanRetry {
  maxAttempts: number;
  /** By what the wait grows from one attempt to the next; 1 = fixed. */
  factor: number;
  initialIntervalMs: number;
  maxIntervalMs: number;
  /** Names of errors that are final. */
  nonRetryable: string[];
}

/** An input that another step makes. */
export interface StepInput {
  step: string;
  output: string;
  /** The step runs without it where its producer was skipped. */
  optional?: true;
}

/** An input that some earlier run made. */
export interface AssetInput {
  /** `name`, `name@version` or `name@version#revision`. */
  asset: string;
  /** What the step takes it for, as `typeName()` gives it. */
  type: string;
  /** What that was when the run was planned: the run keeps to it, whatever revisions come later. */
  ref?: ArtifactRef;
}

export type PlanInput = StepInput | AssetInput;

export const isAssetInput = (input: PlanInput): input is AssetInput => 'asset' in input;

/** A map: the input that holds the items, and how they are worked off. */
export interface PlanMap {
  items: string;
  batchSize?: number;
  concurrency: number;
  onItemError: 'fail' | 'collect';
}

export interface PlanApproval {
  message?: string;
  timeoutMs?: number;
  onTimeout: 'fail' | 'approve' | 'reject';
}

export type HookOccasion = 'success' | 'failure' | 'cancel';

export interface PlanOutput {
  /** As `typeName()` gives it. */
  type: string;
  /** JSON Schema of the stored form, where the type is `json`. */
  schema?: JsonObject;
}

export interface PlanStep {
  name: string;
  description?: string;
  inputs: Record<string, PlanInput>;
  outputs: Record<string, PlanOutput>;
  /** Names of the params that it declares. */
  params: string[];
  /** All steps that must have ended well before it: producers of its inputs, and those named by `after`. */
  dependsOn: string[];
  /** Those of them that it names in `after`, which are never optional. */
  after?: string[];
  /** Whether it runs is decided by its `when`. */
  conditional?: true;
  /** `fallback`: a function stands in for it when it fails. */
  onFailure?: 'continue' | 'fallback';
  map?: PlanMap;
  approval?: PlanApproval;
  /** It runs once the run has ended so, whatever else happened. */
  hook?: HookOccasion;
  /** Steps with the same number run one after the other on one worker. */
  segment?: number;
  group?: string;
  taskQueue: string;
  /** The kind of its executor; `local` where workers of the project run it. */
  executor: ExecutorSpec['type'];
  /** Where it is not the plan's. */
  stack?: string;
  resources?: ResourceOptions;
  retry: PlanRetry;
  /** Of one attempt. */
  timeoutMs?: number;
  /** Over all attempts, waits between them included. */
  totalTimeoutMs?: number;
  cache: PlanCache;
  /** SHA-256 of the code that the step's function depends on. */
  codeIdentity?: string;
  tags?: string[];
}

/** The workers that an executor is to start for a task queue. */
export interface PlanWorkers {
  stack: StackSpec;
  /** `default` for steps that name no group. */
  group: string;
  executor: ExecutorSpec;
  /** What holds each of its steps. */
  resources?: ResourceOptions;
  docker?: DockerOptions;
  replicas: number;
  /** Below `replicas`, where their number follows the queue. */
  minReplicas?: number;
  /** The image that they run, digest included, once it is known. */
  image?: string;
  /** Modules to serve, relative to the project. */
  modules?: string[];
}

/** Whether an executor runs its workers in an image; one of one's own does where the group has one. */
export const needsImage = ({ executor, docker }: Pick<PlanWorkers, 'executor' | 'docker'>) =>
  executor.type === 'docker' || executor.type === 'vertex_ai' || docker !== undefined;

/** A pipeline, compiled: plain data that says all that a run will do. Steps stand in an order in which they can run. */
export interface Plan {
  planVersion: typeof PLAN_VERSION;
  pipeline: string;
  description?: string;
  version: string;
  project: string;
  stack: string;
  /** The stacks that its steps run on. Their texts may name variables, resolved where they are used. */
  stacks?: Record<string, StackSpec>;
  /** By task queue: the workers of executors other than `local`. */
  workers?: Record<string, PlanWorkers>;
  context: JsonObject;
  steps: PlanStep[];
  /** Limits of the groups that its steps name. */
  groups?: Record<string, GroupLimits>;
  tags?: string[];
  /** Of runs that name none. */
  priority?: RunPriority;
  /** False: its runs belong to no experiment. */
  experimentTracking?: false;
  codeHash?: string;
  git?: { commit: string; dirty: boolean };
}

/** What the interpreter needs of a step; it stands in the workflow's history, so it is kept small. */
export interface SlimStep
  extends Pick<
    PlanStep,
    'name' | 'dependsOn' | 'after' | 'onFailure' | 'map' | 'approval' | 'hook' | 'segment' | 'group' | 'stack' | 'totalTimeoutMs'
  > {
  inputs: Record<string, StepInput>;
  /** Inputs that no step of the run makes. */
  assets?: Record<string, ArtifactRef>;
  summary?: string;
  /** Its result may be one that an earlier run made: ask before a worker of its group is waited for. */
  cached?: true;
  /** Absent: the workflow's own queue. */
  taskQueue?: string;
  /** Values of the params it declares; absent where they are large, the worker then reads them from the run's row. */
  params?: Record<string, JsonValue>;
}
