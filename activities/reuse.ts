import { isStored } from '../artifacts/blobs.ts';
import { canonicalJson } from '../artifacts/canonical.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { type Database, findPlan, findRun, type RunRow, readEnds, type StepEnd } from '../metadata/index.ts';
import { dependants } from '../pipelines/graph.ts';
import { hint } from '../pipelines/names.ts';
import { isAssetInput, type Plan, type PlanStep } from '../pipelines/plan.ts';

/** What a run takes over from an earlier one; or why it cannot. */
export type Reuse = { from: RunRow; ends: Record<string, StepEnd> } | { problems: string[] };

/** The steps whose ends a later run may take over: those that made something, not those that were skipped. */
const DONE: readonly string[] = ['succeeded', 'cached'];

/**
 * The ends of an earlier run's steps that succeeded, for a run of a plan that may have changed. A step whose inputs or
 * outputs are others than they were does not fit, nor does one whose artifacts are gone: unless it is to run again, all
 * that does not fit is named. `forceFrom` and what comes after it run again in any case.
 */
export async function reuseOf(
  db: Database,
  store: ArtifactStore,
  plan: Plan,
  runId: string,
  forceFrom: string | undefined,
): Promise<Reuse> {
  const from = await findRun(db, runId);
  if (!from) return { problems: [`resumeFrom: there is no run '${runId}'`] };
  if (from.pipeline !== plan.pipeline) return { problems: [`resumeFrom: run '${runId}' is one of pipeline '${from.pipeline}'`] };
  const names = plan.steps.map((step) => step.name);
  if (forceFrom !== undefined && !names.includes(forceFrom))
    return { problems: [`forceFrom: there is no step '${forceFrom}'${hint(forceFrom, names)}`] };

  const again = forceFrom === undefined ? new Set<string>() : downstream(plan, forceFrom);
  const [before, ends] = await Promise.all([findPlan(db, from.planHash), readEnds(db, from)]);
  const steps = new Map(before?.steps.map((step) => [step.name, step]));
  const taken: Record<string, StepEnd> = {};
  const problems: string[] = [];
  for (const step of plan.steps) {
    const end = ends[step.name];
    if (!end || !DONE.includes(end.status) || end.fallback || step.hook || again.has(step.name)) continue;
    const misfit = misfitOf(steps.get(step.name), step, end) ?? (await missing(store, end));
    if (misfit)
      problems.push(
        `step '${step.name}' of run '${runId}' cannot be taken over: ${misfit}; run it again with forceFrom (--force-from ${step.name})`,
      );
    else taken[step.name] = { ...end, reusedFrom: end.reusedFrom ?? runId };
  }
  return problems.length ? { problems } : { from, ends: taken };
}

function downstream(plan: Plan, first: string): Set<string> {
  const after = dependants(plan.steps);
  const found = new Set([first]);
  for (const name of found) for (const next of after.get(name) ?? []) found.add(next);
  return found;
}

/** Why a step's earlier end is not what the step, as it is now, would give to others. */
function misfitOf(was: PlanStep | undefined, is: PlanStep, end: StepEnd): string | undefined {
  for (const [name, { type, schema }] of Object.entries(is.outputs)) {
    const before = was?.outputs[name];
    if (!before || !end.outputs[name]) return `it has no output '${name}'`;
    if (before.type !== type || !isSame(before.schema, schema)) return `its output '${name}' was of another type`;
  }
  const sources = (step: PlanStep | undefined) =>
    Object.fromEntries(Object.entries(step?.inputs ?? {}).map(([name, input]) => [name, isAssetInput(input) ? input.asset : input]));
  return isSame(sources(was), sources(is)) ? undefined : 'it took other inputs';
}

// A plan comes back from the database with its keys in another order.
const isSame = (a: unknown, b: unknown) => canonicalJson(a ?? null) === canonicalJson(b ?? null);

async function missing(store: ArtifactStore, end: StepEnd): Promise<string | undefined> {
  for (const [name, ref] of Object.entries(end.outputs)) {
    if (ref.uri !== undefined && !(await isStored(ref, store))) return `the artifact of its output '${name}' is gone`;
  }
  return undefined;
}
