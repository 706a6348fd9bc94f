import type { Schedules } from '../../client/schedules/index.ts';
import { schedules } from '../../client/schedules/index.ts';
import { joinSession, type Session } from '../../client/session.ts';
import { currentWorkers } from '../../client/workers.ts';
import type { Launchable } from '../../launch.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { findProject, type Project } from '../../stacks/project.ts';
import { loadAll, loadTarget } from '../modules.ts';

/** Does something with the project's schedules; the services must run. */
export async function withSchedules(action: (all: Schedules, session: Session) => Promise<void>, project = findProject()): Promise<void> {
  const session = await joinSession(project);
  try {
    await action(schedules(session), session);
  } finally {
    await session.close();
  }
}

/**
 * The pipeline that PIPELINE names: one of the project's modules, by its name, or a MODULE.
 * @throws UsageError with the nearest name, and the modules that could not be loaded
 */
export async function scheduledPipeline(argument: string): Promise<{ project: Project; target: Launchable }> {
  if (/[./\\#]/.test(argument)) return loadTarget(argument);
  const project = findProject();
  const found: Launchable[] = [];
  const broken: string[] = [];
  for (const module of project.pipelines) {
    try {
      found.push(...(await loadAll([module])));
    } catch (error) {
      broken.push((error as Error).message);
    }
  }
  const target = found.find(({ pipeline }) => pipeline.name === argument);
  if (target) return { project, target };
  const names = found.map(({ pipeline }) => pipeline.name);
  const rest = broken.map((message) => `\n  could not be loaded: ${message}`).join('');
  throw new UsageError(`no module of the project has a pipeline '${argument}'${hint(argument, names)}${rest}`);
}

/** Says so where no worker would take a run. */
export async function warnUnserved({ db, project }: Session, pipeline: string): Promise<void> {
  const workers = await currentWorkers(db, project.name);
  if (workers.some((worker) => pipeline in worker.pipelines)) return;
  console.error(`No worker serves pipeline '${pipeline}' now: its runs wait until one does ('flowyml worker').`);
}
