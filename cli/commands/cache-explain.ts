import { joinSession } from '../../client/session.ts';
import { findProject, projectStore } from '../../stacks/project.ts';
import { printJson } from '../output.ts';
import { explain, formatExplanation } from './cache-explanation.ts';
import { requireRun } from './cache-run.ts';

/** `flowyml cache explain`: why a step of a run hit or missed. */
export async function explainStep(runId: string, step: string, options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  const { db, project } = session;
  try {
    const run = await requireRun(session, runId);
    const explained = await explain({ db, store: projectStore(project), root: project.root, run, step });
    if (options.json) printJson(explained);
    else console.log(formatExplanation(explained));
  } finally {
    await session.close();
  }
}
