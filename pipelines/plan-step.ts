import { isArtifactType, typeName } from './artifact-types.ts';
import { planCache } from './cache-option.ts';
import type { CompileTarget } from './compile.ts';
import { given } from './config-class.ts';
import { type Duration, milliseconds } from './duration.ts';
import { hint, nameProblem } from './names.ts';
import type { AnyPipeline } from './pipeline.ts';
import { isLocal, type Place } from './placement.ts';
import type { HookOccasion, PlanApproval, PlanInput, PlanMap, PlanOutput, PlanRetry, PlanStep } from './plan.ts';
import { jsonSchema } from './schema.ts';
import type { AnyStep, ApprovalOptions, MapOptions, RetryOptions, StepOptions } from './step.ts';

/**
 * A step's part of the plan: its options checked, those of its pipeline and group filled in. `note` gets what is wrong.
 */
export function planStep(step: AnyStep, pipeline: AnyPipeline, target: CompileTarget, wiring: Wiring, note: Note): PlanStep {
  const where = `step '${step.name}'`;
  for (const key of Object.keys(step)) if (!STEP_KEYS.includes(key)) note(`${where}: unknown option '${key}'${hint(key, STEP_KEYS)}`);
  if (step.group !== undefined) note(nameProblem(`${where}: group`, step.group));
  const { stack, executor, resources } = wiring.place;
  const duration = (field: string, value: number | string | undefined) => {
    if (value === undefined) return undefined;
    try {
      const ms = milliseconds(value, `${where}: ${field}`);
      if (ms === 0) note(`${where}: ${field}: ${JSON.stringify(value)} leaves no time at all`);
      return ms;
    } catch (error) {
      note((error as Error).message);
      return undefined;
    }
  };
  const timeoutMs = duration('timeout', step.timeout ?? pipeline.options.timeout ?? (wiring.hook ? HOOK_TIMEOUT : undefined));
  const totalTimeoutMs = duration('totalTimeout', step.totalTimeout ?? pipeline.options.totalTimeout);
  const approval = step.approval && planApproval(step.approval, duration);
  kindProblems(step, where, note);
  const outputs: Record<string, PlanOutput> = {};
  for (const [name, type] of Object.entries(step.outputs)) {
    const schema = isArtifactType(type) ? undefined : jsonSchema(type);
    outputs[name] = { type: typeName(type), ...(schema && 'schema' in schema ? { schema: schema.schema } : {}) };
  }
  return {
    name: step.name,
    ...(step.description === undefined ? {} : { description: step.description }),
    inputs: wiring.inputs,
    outputs,
    params: Object.keys(step.params),
    dependsOn: wiring.dependsOn,
    ...(wiring.after.length ? { after: wiring.after } : {}),
    ...(step.when ? { conditional: true as const } : {}),
    ...(step.onFailure === undefined ? {} : { onFailure: step.onFailure === 'continue' ? ('continue' as const) : ('fallback' as const) }),
    ...(step.map ? { map: planMap(step.map) } : {}),
    ...(approval ? { approval } : {}),
    ...(wiring.hook ? { hook: wiring.hook } : {}),
    ...(step.group === undefined ? {} : { group: step.group }),
    taskQueue: queueOf(step, wiring.place, target),
    executor: executor.type,
    ...(stack.name === wiring.planStack ? {} : { stack: stack.name }),
    ...(resources ? { resources } : {}),
    retry: planRetry({ ...pipeline.options.retry, ...given(step.retry ?? {}) }, where, note),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    cache: step.approval || wiring.hook ? false : planCache(step.cache, pipeline.options.cache, where, note),
    ...(step.tags?.length ? { tags: [...step.tags] } : {}),
  };
}

/** How a step is wired to the others. */
export interface Wiring {
  inputs: Record<string, PlanInput>;
  dependsOn: string[];
  after: string[];
  hook?: HookOccasion;
  place: Place;
  /** The stack of steps that name none. */
  planStack: string;
}

export type Note = (problem: string | undefined) => void;

// A hook that hangs would hold the run's end up for ever.
const HOOK_TIMEOUT = '10 minutes';
const MAP_CONCURRENCY = 8;

function planMap({ items, batchSize, concurrency = MAP_CONCURRENCY, onItemError }: MapOptions): PlanMap {
  return { items, concurrency, onItemError, ...(batchSize === undefined ? {} : { batchSize }) };
}

function planApproval(
  { message, timeout, onTimeout }: ApprovalOptions,
  duration: (field: string, value: Duration | undefined) => number | undefined,
): PlanApproval {
  const timeoutMs = duration('timeout', timeout);
  return { onTimeout, ...(message === undefined ? {} : { message }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

function kindProblems(step: AnyStep, where: string, note: Note): void {
  if (step.when !== undefined && typeof step.when !== 'function') note(`${where}: when: expected a function of (inputs, params)`);
  if (step.onFailure !== undefined && step.onFailure !== 'continue' && typeof step.onFailure !== 'function') {
    note(`${where}: onFailure: ${JSON.stringify(step.onFailure)} is not 'continue' or a function of (error, args)`);
  }
  if (step.approval && !['fail', 'approve', 'reject'].includes(step.approval.onTimeout)) {
    note(`${where}: onTimeout: ${JSON.stringify(step.approval.onTimeout)} is not 'fail', 'approve' or 'reject'`);
  }
}

/** The task queue of an execution group. */
export const groupQueue = (target: { project: string; stack: string }, group: string) => `${target.project}.${target.stack}.${group}`;

/** Steps without a group that workers of the project run share the workflows' queue. */
function queueOf({ group }: AnyStep, { stack, executor }: Place, target: CompileTarget): string {
  const { project, stacks } = target;
  if (!isLocal(executor)) return groupQueue({ project, stack: stack.name }, group ?? NO_GROUP);
  if (group === undefined) return project;
  // Workers know the stacks of flowyml.yaml: a stack that came with a run has its steps done by those of the stack in use.
  return groupQueue({ project, stack: !stacks || Object.hasOwn(stacks, stack.name) ? stack.name : target.stack }, group);
}

/** How queues and workers call steps without a group. */
export const NO_GROUP = 'default';

// Records, so that the compiler asks for each option that is added.
const OPTIONS: Record<keyof StepOptions, true> = {
  description: true,
  after: true,
  group: true,
  resources: true,
  retry: true,
  timeout: true,
  totalTimeout: true,
  cache: true,
  tags: true,
  stack: true,
  docker: true,
};
const STEP_KEYS = ['name', 'inputs', 'outputs', 'params', 'fn', 'when', 'onFailure', 'map', 'approval', ...Object.keys(OPTIONS)];
const RETRY: Record<keyof RetryOptions, true> = {
  maxAttempts: true,
  backoff: true,
  initialInterval: true,
  maxInterval: true,
  nonRetryable: true,
};
const RETRY_KEYS = Object.keys(RETRY);

function planRetry(retry: RetryOptions, where: string, note: Note): PlanRetry {
  for (const key of Object.keys(retry)) if (!RETRY_KEYS.includes(key)) note(`${where}: retry.${key} is unknown${hint(key, RETRY_KEYS)}`);
  const { maxAttempts = 1, backoff = 'exponential', initialInterval = 1000, nonRetryable = [] } = retry;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    note(`${where}: retry.maxAttempts: ${maxAttempts} is not a whole number of at least 1`);
  const factor = backoff === 'exponential' ? 2 : backoff === 'fixed' ? 1 : backoff;
  if (typeof factor !== 'number' || !(factor >= 1))
    note(`${where}: retry.backoff: ${JSON.stringify(backoff)} is not 'exponential', 'fixed' or a factor of at least 1`);
  if (!Array.isArray(nonRetryable)) note(`${where}: retry.nonRetryable: ${JSON.stringify(nonRetryable)} is not a list of names of errors`);
  const read = (field: string, value: number | string) => {
    try {
      return milliseconds(value, `${where}: retry.${field}`);
    } catch (error) {
      note((error as Error).message);
      return 0;
    }
  };
  const initialIntervalMs = read('initialInterval', initialInterval);
  const maxIntervalMs = retry.maxInterval === undefined ? 100 * initialIntervalMs : read('maxInterval', retry.maxInterval);
  return { maxAttempts, factor: factor as number, initialIntervalMs, maxIntervalMs, nonRetryable: [...nonRetryable] };
}
