import { sha256OfJson } from '../artifacts/hash.ts';
import { type Database, findImages } from '../metadata/index.ts';
import { prebuiltImage } from '../pipelines/docker.ts';
import { needsImage, type Plan, type PlanWorkers } from '../pipelines/plan.ts';
import { recipeOf } from '../stacks/images/recipe.ts';

/**
 * A plan whose workers know their images, and whose queues end in a digest of what makes their workers: those of another
 * image, or with other variables or resources, must not take their tasks.
 * @param given images by recipe that the run brings along; those that the database knows stand in for the rest
 */
export async function withImages(
  db: Database,
  project: string,
  plan: Plan,
  { module, given = {} }: { module: string; given?: Record<string, string> | undefined },
): Promise<{ plan: Plan; planHash: string; problems: string[] }> {
  const workers = Object.entries(plan.workers ?? {});
  const recipes = workers.flatMap(([, each]) => (needsImage(each) ? [recipeOf(each)] : []));
  const known = await findImages(
    db,
    project,
    recipes.filter((recipe) => given[recipe] === undefined),
  );
  const problems: string[] = [];
  if (module.startsWith('..')) problems.push(`${module} is outside the project's folder, so no worker that is started elsewhere has it`);
  const queues = new Map<string, string>();
  const made = workers.map(([queue, each]): [string, PlanWorkers] => {
    const recipe = recipeOf(each);
    const image = needsImage(each) ? (given[recipe] ?? known.get(recipe)?.reference ?? prebuiltImage(each.docker ?? {})) : undefined;
    if (needsImage(each) && image === undefined)
      problems.push(
        `group '${each.group}' on stack '${each.stack.name}': its image has not been built: run 'flowyml stack apply ${each.stack.name}'`,
      );
    const whole: PlanWorkers = { ...each, modules: [module], ...(image === undefined ? {} : { image }) };
    const { replicas, minReplicas, ...same } = whole;
    const own = `${queue}.${sha256OfJson(same).slice(0, 12)}`;
    queues.set(queue, own);
    return [own, whole];
  });
  if (!made.length) return { plan, planHash: sha256OfJson(plan), problems };
  const steps = plan.steps.map((step) =>
    step.executor === 'local' ? step : { ...step, taskQueue: queues.get(step.taskQueue) ?? step.taskQueue },
  );
  const whole = { ...plan, steps, workers: Object.fromEntries(made) };
  return { plan: whole, planHash: sha256OfJson(whole), problems };
}
