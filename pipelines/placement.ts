import { canonical } from './config-class.ts';
import { type DockerOptions, dockerProblems } from './docker.ts';
import { hint, nameProblem } from './names.ts';
import type { AnyPipeline, GroupOptions } from './pipeline.ts';
import { type ResourceOptions, resourceProblems, unknownProfile } from './resources.ts';
import { type ExecutorSpec, plainStack, type StackLike, type StackSpec } from './stack-spec.ts';
import type { AnyStep } from './step.ts';

/** What a run may ask for: it wins over what steps, groups and stacks say. */
export interface PlacementOverrides {
  stack?: string | StackSpec;
  executor?: string;
  orchestrator?: string;
  /** For all steps, or by group or step. */
  resources?: ResourceOptions | Record<string, ResourceOptions>;
  docker?: DockerOptions;
}

/** Where pipelines may run: what flowyml.yaml says. */
export interface PlacementTarget {
  project: string;
  /** The stack of pipelines and runs that name none. */
  stack: string;
  stacks?: Readonly<Record<string, StackSpec>>;
  /** They win over the pipeline's. */
  groups?: Readonly<Record<string, GroupOptions>> | undefined;
  /** Named profiles; `default` holds where nothing is said. */
  resources?: Readonly<Record<string, ResourceOptions>>;
  docker?: DockerOptions;
  run?: PlacementOverrides;
}

/** Where a step runs, on what and in what. */
export interface Place {
  stack: StackSpec;
  executor: ExecutorSpec;
  /** What it asks for itself, or its group or profile does. */
  resources?: ResourceOptions;
  docker?: DockerOptions;
}

/** Orchestrators and executors by the names that a run or pipeline may use. */
export const EXECUTORS = ['local', 'docker', 'vertex_ai'] as const;
const ORCHESTRATORS = ['temporal', 'vertex_ai'] as const;
const isOneOf = <T extends string>(all: readonly T[], name: string): name is T => (all as readonly string[]).includes(name);

type Note = (problem: string | undefined) => void;

/** Decides where each step of a pipeline runs. `note` gets what is wrong. */
export class Placement {
  /** The stacks that were named, by name. */
  readonly stacks = new Map<string, StackSpec>();
  /** The stack of steps that name none. */
  readonly stack: StackSpec;
  private readonly pipeline: AnyPipeline;
  private readonly target: PlacementTarget;
  private readonly note: Note;

  constructor(pipeline: AnyPipeline, target: PlacementTarget, note: Note) {
    this.pipeline = pipeline;
    this.target = target;
    this.note = note;
    const { run } = target;
    const asked = run?.stack ?? pipeline.options.stack ?? target.stack;
    this.stack = this.find(asked, '');
    if (run?.executor !== undefined && !isOneOf(EXECUTORS, run.executor))
      note(`executor '${run.executor}' is unknown${hint(run.executor, EXECUTORS)}`);
    if (run?.orchestrator !== undefined && !isOneOf(ORCHESTRATORS, run.orchestrator))
      note(`orchestrator '${run.orchestrator}' is unknown${hint(run.orchestrator, ORCHESTRATORS)}`);
    const { executor } = pipeline.options;
    if (executor !== undefined && !isOneOf(EXECUTORS, executor)) note(`executor '${executor}' is unknown${hint(executor, EXECUTORS)}`);
    if (run?.docker) for (const problem of dockerProblems(run.docker, 'docker')) note(problem);
    this.checkRunResources();
  }

  /** Where a step runs. A hook without a group runs beside its workflow, wherever the pipeline's steps do. */
  of(step: AnyStep, isHook: boolean): Place {
    const where = `step '${step.name}'`;
    const stack = step.stack === undefined ? this.stack : this.find(step.stack, `${where}: `);
    const group = this.group(step);
    const beside = step.approval !== undefined || (isHook && step.group === undefined);
    const executor = beside ? LOCAL : this.executor(step, stack, group);
    const resources = this.resources(step, group, where);
    if (step.docker) for (const problem of dockerProblems(step.docker, `${where}: docker`)) this.note(problem);
    const docker = this.target.run?.docker ?? step.docker ?? group.docker ?? this.target.docker;
    return { stack, executor, ...(resources ? { resources } : {}), ...(docker && !isLocal(executor) ? { docker: { ...docker } } : {}) };
  }

  /** What is said of a step's group: flowyml.yaml's word wins, each option for itself. */
  group(step: Pick<AnyStep, 'group'>): GroupOptions {
    if (step.group === undefined) return {};
    return { ...this.pipeline.options.groups?.[step.group], ...this.target.groups?.[step.group] };
  }

  private find(asked: string | StackLike, where: string): StackSpec {
    const { stacks } = this.target;
    if (typeof asked === 'string') {
      const spec = stacks?.[asked];
      if (!spec) {
        // A compiler that knows of no stacks takes every name.
        if (stacks) this.note(`${where}no stack is named '${asked}'${hint(asked, Object.keys(stacks))}`);
        return this.add({ name: asked, type: 'local' }, where);
      }
      return this.add(spec, where);
    }
    const spec = plainStack(asked) as StackSpec;
    this.note(nameProblem(`${where}stack`, spec.name));
    return this.add(spec, where);
  }

  private add({ metadataStore, ...spec }: StackSpec, where: string): StackSpec {
    const other = this.stacks.get(spec.name);
    if (other && canonical(other) !== canonical(spec)) this.note(`${where}two different stacks are named '${spec.name}'`);
    this.stacks.set(spec.name, spec);
    return spec;
  }

  private executor(step: AnyStep, stack: StackSpec, group: GroupOptions): ExecutorSpec {
    const { run } = this.target;
    if (run?.executor !== undefined) return named(run.executor, stack);
    if (run?.orchestrator !== undefined) return run.orchestrator === 'vertex_ai' ? { type: 'vertex_ai' } : LOCAL;
    const own = step.stack === undefined ? undefined : executorOf(stack);
    const ofGroup = typeof group.executor === 'string' ? named(group.executor, stack) : group.executor;
    const ofPipeline = this.pipeline.options.executor;
    return own ?? ofGroup ?? executorOf(stack) ?? (ofPipeline === undefined ? LOCAL : named(ofPipeline, stack));
  }

  private resources(step: AnyStep, group: GroupOptions, where: string): ResourceOptions | undefined {
    const asked = this.runResources(step) ?? step.resources ?? group.resources;
    const { resources: profiles } = this.target;
    if (asked === undefined) return profiles?.default;
    if (typeof asked === 'string') {
      const profile = profiles?.[asked];
      if (!profile && profiles) this.note(`${where}: resources: ${unknownProfile(asked, Object.keys(profiles))}`);
      return profile;
    }
    if (asked === step.resources) for (const problem of resourceProblems(asked, `${where}: resources`)) this.note(problem);
    return { ...asked };
  }

  private runResources(step: AnyStep): ResourceOptions | undefined {
    const { resources } = this.target.run ?? {};
    if (!resources) return undefined;
    if (!isByName(resources)) return resources;
    return resources[step.name] ?? (step.group === undefined ? undefined : resources[step.group]);
  }

  private checkRunResources(): void {
    const { resources } = this.target.run ?? {};
    if (!resources) return;
    if (!isByName(resources)) {
      for (const problem of resourceProblems(resources, 'resources')) this.note(problem);
      return;
    }
    const known = new Set(this.pipeline.steps.flatMap(({ name, group }) => [name, ...(group === undefined ? [] : [group])]));
    for (const [name, each] of Object.entries(resources)) {
      if (!known.has(name)) this.note(`resources: no group or step is named '${name}'${hint(name, known)}`);
      for (const problem of resourceProblems(each, `resources.${name}`)) this.note(problem);
    }
  }
}

const LOCAL: ExecutorSpec = { type: 'local' };
export const isLocal = (executor: ExecutorSpec) => executor.type === 'local';

/** What a stack says about where its steps run; undefined where it says nothing. */
export const executorOf = ({ executor, orchestrator }: StackSpec): ExecutorSpec | undefined =>
  executor ?? (orchestrator?.type === 'vertex_ai' ? { type: 'vertex_ai' } : undefined);

/** An executor by its name, with the settings of the stack's own where that is of the same kind. */
const named = (name: string, { executor }: StackSpec): ExecutorSpec =>
  executor?.type === name ? executor : ({ type: name } as ExecutorSpec);

const isByName = (resources: ResourceOptions | Record<string, ResourceOptions>): resources is Record<string, ResourceOptions> => {
  const values = Object.values(resources);
  return values.length > 0 && values.every((each) => typeof each === 'object' && each !== null);
};

/** The image options that hold for a whole group: they must agree, but for requirements, which are united. */
export function groupDocker(all: readonly { step: string; docker?: DockerOptions }[]): { docker?: DockerOptions } | { problem: string } {
  const [first] = all;
  const key = ({ docker }: { docker?: DockerOptions }) => canonical({ ...docker, requirements: undefined });
  const other = first && all.find((each) => key(each) !== key(first));
  if (first && other) return { problem: `steps '${first.step}' and '${other.step}' ask for different images` };
  const requirements = [...new Set(all.flatMap(({ docker }) => docker?.requirements ?? []))];
  const docker = first?.docker;
  return docker ? { docker: { ...docker, ...(requirements.length ? { requirements } : {}) } } : {};
}
