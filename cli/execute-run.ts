import { cancel } from '../client/control.ts';
import { type Session, startSession } from '../client/session.ts';
import { formatSummary } from '../client/summary.ts';
import { ensureWorker, type Launchable, launchRun, type WorkerHandle } from '../launch.ts';
import { findRun } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { isOpen, type RunResult } from '../pipelines/run-result.ts';
import type { Project } from '../stacks/project.ts';
import { ensureBackgroundWorker } from './background-worker.ts';
import { EXIT } from './errors.ts';
import { loadOthers } from './modules.ts';
import { printJson, runLink } from './output.ts';
import { followRun } from './progress.ts';

export interface ExecuteOptions {
  id?: string;
  detach?: boolean;
  debug?: boolean;
  json?: boolean;
}

/** Starts a run with all that it needs, shows how it goes, and prints what came out of it. Sets the exit code. */
export async function executeRun(
  project: Project,
  target: Launchable,
  request: RunRequest & { codeHash: string },
  options: ExecuteOptions,
): Promise<void> {
  const session = await startSession(project, { onProgress: say });
  let worker: WorkerHandle | undefined;
  try {
    if (options.detach) await ensureBackgroundWorker(session, target, request.codeHash);
    else {
      const log = (level: string, message: string) => level === 'error' && say(`worker: ${message}`);
      worker = await ensureWorker(
        session,
        target,
        request.codeHash,
        await loadOthers(project, target.module, say),
        log,
        options.debug ? 1 : undefined,
      );
    }
    if (options.debug && !worker) say('--debug has no effect: another worker serves this pipeline already');
    await sayIfKnown(session, target, options.id);
    const launched = await launchRun(session, target, request, options.id);
    const { ui, namespace } = session.services.temporal;
    const link = ui && runLink(ui, namespace, launched.runId);
    say(`Run ${launched.runId}${link ? `  ${link}` : ''}`);
    if (options.detach) {
      if (options.json) printJson({ runId: launched.runId, pipeline: target.pipeline.name, status: 'running' });
      else console.log(`It runs in the background: flowyml runs show ${launched.runId}`);
      return;
    }
    cancelOnSignal(session, launched.runId);
    const followed = followRun(session.db, launched.runId, target.pipeline.name);
    let result: RunResult;
    try {
      result = await Promise.race([launched.result, failureOf(worker)]);
    } finally {
      await followed.stop();
    }
    if (options.json) printJson(result);
    else {
      console.log(`\n${formatSummary(result)}`);
      if (session.services.temporal.embedded) say("\nTemporal and PostgreSQL stay up; 'flowyml down' stops them.");
    }
    if (result.status !== 'succeeded') process.exitCode = EXIT.failed;
  } finally {
    await worker?.stop();
    await session.close();
  }
}

const say = (line: string) => console.error(line);

/** A run that has the id already is not started again: says so. */
async function sayIfKnown({ db }: Session, { pipeline }: Launchable, id: string | undefined): Promise<void> {
  const known = id === undefined ? undefined : await findRun(db, id);
  if (!known) return;
  if (known.pipeline !== pipeline.name) throw new UsageError(`--id ${id}: that run is one of pipeline '${known.pipeline}'`);
  const what = isOpen(known.status) ? 'following it' : 'this is its result';
  say(`Run ${known.runId} exists already (${known.status}): ${what}; its params are its own.`);
}

/** Ctrl-C cancels the run and waits for it; a second one leaves it to itself. */
function cancelOnSignal(session: Session, runId: string): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      say('Cancelling the run (again: leave at once)');
      cancel(session.temporal.client, runId).catch((error: Error) => say(`It could not be cancelled: ${error.message}`));
    });
  }
}

/** Rejects if the worker fails; otherwise never settles. */
function failureOf(worker: WorkerHandle | undefined): Promise<never> {
  return new Promise((_, reject) => {
    worker?.running.catch((error: Error) =>
      reject(new Error(`the worker failed: ${error.message}. The run is not lost: 'flowyml worker' goes on with it`)),
    );
  });
}
