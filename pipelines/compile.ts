import { isArtifactType, isOptional, type OutputType, typeName } from './artifact-types.ts';
import { PlanError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { groupProblems, usedLimits } from './group-options.ts';
import { HOOK_OPTIONS, hooksOf } from './hooks.ts';
import { hint, nameProblem } from './names.ts';
import type { AnyPipeline } from './pipeline.ts';
import { type Place, Placement, type PlacementTarget } from './placement.ts';
import { isAssetInput, PLAN_VERSION, type Plan, type PlanInput, type PlanStep } from './plan.ts';
import { groupQueue, type Note, planStep } from './plan-step.ts';
import { planWorkers } from './plan-workers.ts';
import { jsonSchema } from './schema.ts';
import { cutSegments } from './segments.ts';
import { type AnyStep, isStep } from './step.ts';

export { groupQueue };

/** Where a plan is made for: names that go into its task queues, and what flowyml.yaml says of stacks, groups and resources. */
export type CompileTarget = PlacementTarget;

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
    for (const p of groupProblems(group, options)) note(p);
  }

  const byName = indexSteps(pipeline.steps, note);
  const producers = indexOutputs(byName, note);
  const placement = new Placement(pipeline, target, note);
  const places = new Map<string, Place>();
  const steps: PlanStep[] = [];
  for (const step of byName.values()) {
    const inputs = wireInputs(step, producers, note);
    const after = gates(step, byName, note);
    const before = Object.values(inputs).flatMap((input) => (isAssetInput(input) ? [] : [input.step]));
    const dependsOn = [...new Set([...before, ...after])];
    const place = placement.of(step, false);
    places.set(step.name, place);
    steps.push(planStep(step, pipeline, target, { inputs, dependsOn, after, place, planStack: placement.stack.name }, note));
  }
  const hooks = planHooks(pipeline, byName, target, placement, places, note);
  const workers = planWorkers([...steps, ...hooks], places, placement, note);
  const sorted = topologicalOrder(steps);
  if ('cycle' in sorted) note(`steps wait for each other in a circle: ${sorted.cycle.join(' → ')} (each arrow: "needs")`);
  if (problems.length || 'cycle' in sorted) throw new PlanError(`pipeline '${pipeline.name}'`, problems);

  const { options } = pipeline;
  const all = [...withSegments(sorted.order, placement), ...hooks];
  const groups = usedLimits(all, pipeline, target);
  return {
    planVersion: PLAN_VERSION,
    pipeline: pipeline.name,
    ...(options.description === undefined ? {} : { description: options.description }),
    version: options.version ?? '',
    project: options.project ?? target.project,
    stack: placement.stack.name,
    stacks: Object.fromEntries(placement.stacks),
    ...(Object.keys(workers).length ? { workers } : {}),
    context: options.context ?? {},
    steps: all,
    ...(Object.keys(groups).length ? { groups } : {}),
    ...(options.tags?.length ? { tags: [...options.tags] } : {}),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.experimentTracking === false ? { experimentTracking: false as const } : {}),
  };
}

/** Steps that run at the run's end. They are told how it ended, and take nothing from other steps. */
function planHooks(
  pipeline: AnyPipeline,
  byName: Map<string, AnyStep>,
  target: CompileTarget,
  placement: Placement,
  places: Map<string, Place>,
  note: Note,
): PlanStep[] {
  const names = new Set(byName.keys());
  return hooksOf(pipeline).flatMap(({ name, occasion, step }) => {
    const option = HOOK_OPTIONS[occasion];
    if (!isStep(step)) {
      note(`${option}: expected a step, made by step() or webhook()`);
      return [];
    }
    note(nameProblem('step', name));
    if (names.has(name)) note(`${option}: two steps are named '${name}'`);
    names.add(name);
    if (Object.keys(step.inputs).length || step.after?.length) {
      note(`${option}: step '${step.name}' takes inputs, which a hook cannot: the run's result is in run.result`);
    }
    if (step.map || step.approval)
      note(`${option}: step '${step.name}' is ${step.map ? 'a map' : 'an approval'}: a hook must be a plain step`);
    const place = placement.of(step, true);
    places.set(name, place);
    const wiring = { inputs: {}, dependsOn: [], after: [], hook: occasion, place, planStack: placement.stack.name };
    return [{ ...planStep(step, pipeline, target, wiring, note), name }];
  });
}

/** Numbers the steps that are to share a worker. */
function withSegments(steps: PlanStep[], placement: Placement): PlanStep[] {
  const alone = (step: PlanStep) => step.conditional || step.onFailure || step.map || step.approval || step.totalTimeoutMs !== undefined;
  const segments = cutSegments(
    steps.map((step) => ({
      ...step,
      colocated: step.group !== undefined && placement.group(step).colocate && !alone(step) ? step.group : undefined,
    })),
  );
  const number = new Map(segments.flatMap((names, i) => names.map((name) => [name, i] as const)));
  return steps.map((step) => (number.has(step.name) ? { ...step, segment: number.get(step.name) as number } : step));
}

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
    const problem = typeProblem(type, `step '${step.name}': input '${name}'`);
    note(problem);
    if (Object.hasOwn(step.params, name)) note(`step '${step.name}': '${name}' is both an input and a param`);
    if (isArtifactType(type) && type.from !== undefined) {
      inputs[name] = { asset: type.from, type: typeName(type) };
      continue;
    }
    const producer = producers.get(name);
    if (!producer) {
      note(`step '${step.name}': no step produces input '${name}'${hint(name, producers.keys())}`);
      continue;
    }
    note(mismatch(producer, type, step.name, name));
    inputs[name] = { step: producer.step.name, output: name, ...(!problem && isOptional(type) ? { optional: true as const } : {}) };
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
  return [step.after ?? []].flat().flatMap((before: unknown) => {
    const name = isStep(before) ? before.name : before;
    if (typeof name !== 'string') note(`step '${step.name}': after: ${JSON.stringify(name)} is neither a step nor the name of one`);
    else if (byName.has(name)) return name;
    else note(`step '${step.name}': after: no step is named '${name}'${hint(name, byName.keys())}`);
    return [];
  });
}
