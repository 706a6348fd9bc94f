import { sha256OfJson } from '../artifacts/hash.ts';
import { codeHash } from '../identity/code-hash.ts';
import { type GitState, gitState } from '../identity/git.ts';
import type { IdentityPart } from '../identity/slice.ts';
import { stepIdentities } from '../identity/step-identity.ts';
import { type CompileTarget, compile } from '../pipelines/compile.ts';
import { PlanError } from '../pipelines/errors.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { PlacementOverrides } from '../pipelines/placement.ts';
import type { Plan } from '../pipelines/plan.ts';

/** A pipeline that a worker serves: loaded, compiled and hashed before the first run asks for it. */
export interface ServedPipeline {
  pipeline: AnyPipeline;
  /** The module that workers' step processes load it from. */
  module: string;
  /** Under what name the module exports it, where that is known. */
  exportName: string | undefined;
  codeHash: string;
  plan: Plan;
  planHash: string;
  /** The plan of a run that asks for another stack, executor, resources or image. Throws PlanError. */
  planFor(run: PlacementOverrides): { plan: Plan; planHash: string };
  /** What the steps' code identities are made of, by identity. */
  codes: ReadonlyMap<string, readonly IdentityPart[]>;
  /** What results that are kept may depend on, and their keys do not show. */
  unseen: readonly string[];
}

interface Found {
  pipeline: AnyPipeline;
  module: string;
  exportName?: string;
}

export interface ServeTarget extends CompileTarget {
  root: string;
}

/**
 * Prepares pipelines for planning: nothing slow is left for the start of a run.
 * @throws PlanError if one cannot be compiled, or two have the same name
 */
export async function servePipelines(found: readonly Found[], target: ServeTarget): Promise<Map<string, ServedPipeline>> {
  const git = found.length ? await gitState(target.root) : undefined;
  const served = new Map<string, ServedPipeline>();
  for (const each of found) {
    const { pipeline, module } = each;
    const other = served.get(pipeline.name);
    if (other?.pipeline === pipeline) continue;
    if (other) {
      const where = other.module === module ? `${module} holds two of that name` : `it is defined in ${other.module} and in ${module}`;
      throw new PlanError(`pipeline '${pipeline.name}'`, [`${where}: rename one`]);
    }
    served.set(pipeline.name, await servePipeline(each, target, git));
  }
  return served;
}

/** The whole plan of a pipeline: compiled, with code identity, version and git state. */
async function servePipeline(
  { pipeline, module, exportName }: Found,
  target: ServeTarget,
  git: GitState | undefined,
): Promise<ServedPipeline> {
  const hash = codeHash(module);
  const identities = await stepIdentities(pipeline, module, { root: target.root });
  const planFor = (run?: PlacementOverrides) => {
    const compiled = compile(pipeline, run ? { ...target, run } : target);
    const steps = compiled.steps.map((step) => ({
      ...step,
      codeIdentity: identities.get(step.name)?.hash ?? sha256OfJson([step.name, hash]),
    }));
    const version = compiled.version || versionOf({ ...compiled, steps });
    const plan: Plan = { ...compiled, steps, version, codeHash: hash, ...(git ? { git } : {}) };
    return { plan, planHash: sha256OfJson(plan) };
  };
  const { plan, planHash } = planFor();
  const { steps } = plan;
  const codes = new Map([...identities.values()].map(({ hash, parts }) => [hash, parts]));
  const kept = steps.filter((step) => step.cache !== false && !step.hook && !step.approval);
  const unseen = [...new Set(kept.flatMap(({ name }) => identities.get(name)?.warnings ?? []))];
  return { pipeline, module, exportName: exportName || undefined, codeHash: hash, plan, planHash, planFor, codes, unseen };
}

/** A hash of what a plan makes: where, on what and how early that happens changes nothing of it. */
function versionOf({ groups, priority, stack, stacks, workers, steps, ...made }: Plan): string {
  const own = steps.map(({ executor, resources, taskQueue, stack, ...step }) => step);
  return sha256OfJson({ ...made, steps: own }).slice(0, 12);
}
