import { isArtifactType, type OutputType, typeName } from './artifact-types.ts';
import { milliseconds } from './duration.ts';
import { PlanError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { hint, nameProblem } from './names.ts';
import type { AnyPipeline } from './pipeline.ts';
import { PLAN_VERSION, type Plan, type PlanInput, type PlanOutput, type PlanRetry, type PlanStep } from './plan.ts';
import { resourceProblems } from './resources.ts';
import { jsonSchema } from './schema.ts';
import { type AnyStep, isStep, type RetryOptions, type StepOptions } from './step.ts';

/** Where a plan is made for: names that go into its task queues. */
export interface CompileTarget {
  project: string;
  stack: string;
}

interface Producer {
  step: AnyStep;
  type: OutputType;
}

/**
 * Turns a pipeline into a plan: wires steps by name, checks everything that can be checked without running, and puts
 * the steps in order. Pure: the same pipeline gives the same plan.
 * @throws PlanError with every problem found
 */
export function compile(pipeline: AnyPipeline, target: CompileTarget): Plan {
  const problems: string[] = [];
  const note = (problem: string | undefined) => {
    if (problem) problems.push(problem);
  };
  note(nameProblem('pipeline', pipeline.name));
  if (!pipeline.steps.length) note('it has no steps: give it some, `pipeline(name, { steps: [...] })` or `.add(step)`');
  for (const [group, options] of Object.entries(pipeline.options.groups ?? {})) {
    note(nameProblem('group', group));
    if (options.resources) for (const p of resourceProblems(options.resources, `group '${group}': resources`)) note(p);
  }

  const byName = indexSteps(pipeline.steps, note);
  const producers = indexOutputs(byName, note);
  const steps: PlanStep[] = [];
  for (const step of byName.values()) {
    const inputs = wireInputs(step, producers, note);
    const dependsOn = new Set(Object.values(inputs).map((i) => i.step));
    for (const before of gates(step, byName, note)) dependsOn.add(before);
    steps.push(planStep(step, pipeline, target, inputs, [...dependsOn], note));
  }
  const sorted = topologicalOrder(steps);
  if ('cycle' in sorted) note(`steps wait for each other in a circle: ${sorted.cycle.join(' → ')} (each arrow: "needs")`);
  if (problems.length || 'cycle' in sorted) throw new PlanError(`pipeline '${pipeline.name}'`, problems);

  const { options } = pipeline;
  return {
    planVersion: PLAN_VERSION,
    pipeline: pipeline.name,
    ...(options.description === undefined ? {} : { description: options.description }),
    version: options.version ?? '',
    project: options.project ?? target.project,
    stack: target.stack,
    context: options.context ?? {},
    steps: sorted.order,
    ...(options.tags?.length ? { tags: [...options.tags] } : {}),
  };
}

type Note = (problem: string | undefined) => void;

function indexSteps(steps: readonly AnyStep[], note: Note): Map<string, AnyStep> {
  const byName = new Map<string, AnyStep>();
  for (const [i, step] of steps.entries()) {
    if (!isStep(step)) {
      note(`steps[${i}] is not a step: make it with step({ name: … }, function)`);
      continue;
    }
    note(nameProblem('step', step.name));
    if (byName.has(step.name)) note(`two steps are named '${step.name}'`);
    else byName.set(step.name, step);
  }
  return byName;
}

function indexOutputs(steps: Map<string, AnyStep>, note: Note): Map<string, Producer> {
  const producers = new Map<string, Producer>();
  for (const step of steps.values()) {
    for (const [name, type] of Object.entries(step.outputs)) {
      note(nameProblem(`step '${step.name}': output`, name));
      note(typeProblem(type, `step '${step.name}': output '${name}'`));
      const other = producers.get(name);
      if (other) note(`output '${name}' has two producers: steps '${other.step.name}' and '${step.name}'`);
      else producers.set(name, { step, type });
    }
  }
  return producers;
}

function typeProblem(type: OutputType, where: string): string | undefined {
  if (isArtifactType(type)) return type.of ? typeProblem(type.of, where) : undefined;
  const result = jsonSchema(type);
  return 'problem' in result ? `${where}: ${result.problem}` : undefined;
}

function wireInputs(step: AnyStep, producers: Map<string, Producer>, note: Note): Record<string, PlanInput> {
  const inputs: Record<string, PlanInput> = {};
  for (const [name, type] of Object.entries(step.inputs)) {
    note(typeProblem(type, `step '${step.name}': input '${name}'`));
    if (Object.hasOwn(step.params, name)) note(`step '${step.name}': '${name}' is both an input and a param`);
    const producer = producers.get(name);
    if (!producer) {
      note(`step '${step.name}': no step produces input '${name}'${hint(name, producers.keys())}`);
      continue;
    }
    note(mismatch(producer, type, step.name, name));
    inputs[name] = { step: producer.step.name, output: name };
  }
  return inputs;
}

/** Kinds must be the same; of plain data, the outermost JSON types must. The compiler has compared the rest. */
function mismatch(producer: Producer, wanted: OutputType, step: string, input: string): string | undefined {
  const said = (a: string, b: string) => `step '${step}': input '${input}' is ${b}, but step '${producer.step.name}' produces ${a}`;
  const made = typeName(producer.type);
  const needed = typeName(wanted);
  if (made !== needed) return said(made, needed);
  if (isArtifactType(producer.type) || isArtifactType(wanted)) return undefined;
  const [a, b] = [outermost(producer.type), outermost(wanted)];
  return a && b && a !== b && !(a === 'integer' && b === 'number') ? said(a, b) : undefined;
}

function outermost(type: OutputType): string | undefined {
  if (isArtifactType(type)) return undefined;
  const result = jsonSchema(type);
  return 'schema' in result && typeof result.schema.type === 'string' ? result.schema.type : undefined;
}

function gates(step: AnyStep, byName: Map<string, AnyStep>, note: Note): string[] {
  const names = (step.after ?? []).map((before) => (typeof before === 'string' ? before : before.name));
  return names.filter((name) => {
    if (byName.has(name)) return true;
    note(`step '${step.name}': after: no step is named '${name}'${hint(name, byName.keys())}`);
    return false;
  });
}

function planStep(
  step: AnyStep,
  pipeline: AnyPipeline,
  target: CompileTarget,
  inputs: Record<string, PlanInput>,
  dependsOn: string[],
  note: Note,
): PlanStep {
  const where = `step '${step.name}'`;
  for (const key of Object.keys(step)) if (!STEP_KEYS.includes(key)) note(`${where}: unknown option '${key}'${hint(key, STEP_KEYS)}`);
  if (step.group !== undefined) note(nameProblem(`${where}: group`, step.group));
  const resources = step.resources ?? (step.group === undefined ? undefined : pipeline.options.groups?.[step.group]?.resources);
  if (step.resources) for (const p of resourceProblems(step.resources, `${where}: resources`)) note(p);
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
  const timeoutMs = duration('timeout', step.timeout ?? pipeline.options.timeout);
  const totalTimeoutMs = duration('totalTimeout', step.totalTimeout);
  const outputs: Record<string, PlanOutput> = {};
  for (const [name, type] of Object.entries(step.outputs)) {
    const schema = isArtifactType(type) ? undefined : jsonSchema(type);
    outputs[name] = { type: typeName(type), ...(schema && 'schema' in schema ? { schema: schema.schema } : {}) };
  }
  return {
    name: step.name,
    ...(step.description === undefined ? {} : { description: step.description }),
    inputs,
    outputs,
    params: Object.keys(step.params),
    dependsOn,
    ...(step.group === undefined ? {} : { group: step.group }),
    taskQueue: step.group === undefined ? target.project : groupQueue(target, step.group),
    executor: 'local',
    ...(resources ? { resources } : {}),
    retry: planRetry({ ...pipeline.options.retry, ...given(step.retry ?? {}) }, where, note),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    ...(step.tags?.length ? { tags: [...step.tags] } : {}),
  };
}

/** The task queue of an execution group. */
export const groupQueue = (target: CompileTarget, group: string) => `${target.project}.${target.stack}.${group}`;

// Records, so that the compiler asks for each option that is added.
const OPTIONS: Record<keyof StepOptions, true> = {
  description: true,
  after: true,
  group: true,
  resources: true,
  retry: true,
  timeout: true,
  totalTimeout: true,
  tags: true,
};
const STEP_KEYS = ['name', 'inputs', 'outputs', 'params', 'fn', ...Object.keys(OPTIONS)];
const RETRY: Record<keyof RetryOptions, true> = { maxAttempts: true, backoff: true, initialInterval: true, maxInterval: true, nonRetryable: true };
const RETRY_KEYS = Object.keys(RETRY);

/** Without what is undefined: a step that leaves an option open takes the pipeline's. */
const given = (options: RetryOptions): RetryOptions => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

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
