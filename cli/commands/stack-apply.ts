import { planFor, servePipelines } from '../../activities/index.ts';
import { joinSession } from '../../client/session.ts';
import { keepImages } from '../../launch.ts';
import { moduleFile } from '../../loader/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { Plan } from '../../pipelines/plan.ts';
import { ensurePlanImages, type PlanImage } from '../../stacks/images/ensure-plan-images.ts';
import { compileTarget, findProject, type Project } from '../../stacks/project.ts';
import { loadAll } from '../modules.ts';
import { printJson, printTable } from '../output.ts';

interface ApplyOptions {
  group: string[];
  dryRun?: boolean;
  json?: boolean;
}

/** `flowyml stack apply`: what runs on the stack find their images by it, whoever starts them. */
export async function applyStack(name: string | undefined, modules: string[], options: ApplyOptions): Promise<void> {
  const project = findProject(undefined, { stack: name });
  const plans = await plansOn(project, modules.length ? modules.map(moduleFile) : project.pipelines);
  const workers = plans.flatMap((plan) => Object.values(plan.workers ?? {}));
  const needed = options.group.length ? workers.filter(({ group }) => options.group.includes(group)) : workers;
  if (options.group.length && !needed.length)
    throw new UsageError(`no pipeline has a group ${options.group.join(' or ')} that runs in containers on stack '${project.stack}'`);
  const all = await ensurePlanImages(needed, {
    project,
    ...(options.dryRun ? { dryRun: true } : {}),
    onProgress: (line) => console.error(line),
  });
  if (!options.dryRun && all.length) await keep(project, all);
  if (options.json) return printJson(all);
  if (!all.length) return console.log(`No group of ${project.stack} runs in a container: there is nothing to build.`);
  const did = ({ built, pushed }: PlanImage) => [built ? 'built' : 'unchanged', ...(pushed ? ['pushed'] : [])].join(', ');
  printTable(
    ['GROUP', 'IMAGE', options.dryRun ? 'WOULD BE' : ''],
    all.flatMap((image) => image.groups.map((group) => [group, image.reference, did(image)])),
  );
}

/** The plans of the pipelines for the project's stack. */
async function plansOn(project: Project, modules: readonly string[]): Promise<Plan[]> {
  const found = await loadAll(modules);
  if (!found.length)
    throw new UsageError(`there is no pipeline: no file of ${project.root} fits 'pipelines' (default pipelines/*.ts); name a MODULE`);
  const served = await servePipelines(found, compileTarget(project));
  return [...served.values()].map((each) => planFor(each, { stack: project.stack }).plan);
}

async function keep(project: Project, images: readonly PlanImage[]): Promise<void> {
  const session = await joinSession(project).catch((error: Error) => {
    console.error(`Runs cannot look these images up yet, as no database could be told of them: ${error.message}`);
  });
  if (!session) return;
  try {
    await keepImages(session.db, project.name, images);
  } finally {
    await session.close();
  }
}
