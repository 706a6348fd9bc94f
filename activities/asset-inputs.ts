import { sha256OfJson } from '../artifacts/hash.ts';
import { type Database, requireAsset } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import { type AssetInput, isAssetInput, type Plan } from '../pipelines/plan.ts';
import type { ServedPipeline } from './served-pipelines.ts';

type Planned = Pick<ServedPipeline, 'plan' | 'planHash'>;

/**
 * A plan in which each asset that its steps take is the one that stands now: a revision that comes later does not change
 * the run. A run that takes over what another did keeps to the assets of that one.
 */
export async function pinAssets(db: Database, served: Planned, earlier: Plan | undefined): Promise<Planned & { problems: string[] }> {
  const { plan, planHash } = served;
  const problems: string[] = [];
  const inputs = plan.steps.flatMap((step) => Object.entries(step.inputs).map(([name, input]) => ({ step: step.name, name, input })));
  if (!inputs.some(({ input }) => isAssetInput(input))) return { plan, planHash, problems };
  const pinned = new Map<string, AssetInput['ref']>();
  for (const step of earlier?.steps ?? [])
    for (const input of Object.values(step.inputs)) if (isAssetInput(input) && input.ref) pinned.set(input.asset, input.ref);
  for (const { step, name, input } of inputs) {
    if (!isAssetInput(input)) continue;
    const where = `step '${step}': input '${name}'`;
    try {
      const ref = pinned.get(input.asset) ?? (await requireAsset(db, input.asset)).ref;
      pinned.set(input.asset, ref);
      if (ref.type !== input.type) problems.push(`${where} is ${input.type}, but asset '${input.asset}' is ${ref.type}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`${where}: ${error.message}`);
    }
  }
  const steps = plan.steps.map((step) => ({
    ...step,
    inputs: Object.fromEntries(
      Object.entries(step.inputs).map(([name, input]) => {
        const ref = isAssetInput(input) ? pinned.get(input.asset) : undefined;
        return [name, ref ? { ...input, ref } : input];
      }),
    ),
  }));
  const whole = { ...plan, steps };
  return { plan: whole, planHash: sha256OfJson(whole), problems };
}
