import { cancel } from '../client/control.ts';
import { describeRun } from '../client/describe-run.ts';
import { lookForRun } from '../client/find-run.ts';
import { type Session, startSession } from '../client/session.ts';
import { formatSummary } from '../client/summary.ts';
import { beginRun, keepServed, type Launchable, prepareImages, runToEnd } from '../launch.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { Plan } from '../pipelines/plan.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { isOpen, type RunResult } from '../pipelines/run-result.ts';
import type { Project } from '../stacks/project.ts';
import { ensureBackgroundWorker } from './background-worker.ts';
import { EXIT } from './errors.ts';
import { loadOthers } from './modules.ts';
import { printJson, runLink } from './output.ts';
import { followRun } from './progress.ts';
import { onStopSignal } from './signals.ts';

export interface ExecuteOptions {
  id?: string;
  detach?: boolean;
  debug?: boolean;
  json?: boolean;
}

/** What is to run, and how. */
export type Planned = Launchable & { plan: Plan };

/** Starts a run with all that it needs, shows how it goes, and prints what came out of it. Sets the exit code. */
export async function executeRun(
  project: Project,
  target: Planned,
  asked: RunRequest & { codeHash: string },
  options: ExecuteOptions,
): Promise<void> {
  const session = await startSession(project, { onProgress: say });
  try {
    const ended = await knownRun(session, target, options.id);
    const request = ended ? asked : { ...asked, ...(await prepareImages(session, target.plan, say)) };
    if (ended) show(ended, options);
    else if (options.detach) await detach(session, target, request, options);
    else await runHere(session, target, request, options);
  } finally {
    await session.close();
  }
}

/** Leaves the run to a background worker. */
async function detach(session: Session, target: Planned, request: RunRequest & { codeHash: string }, options: ExecuteOptions) {
  await ensureBackgroundWorker(session, target, request.codeHash);
  const runId = await beginRun(session, target, request, options.id);
  announce(session, runId);
  if (options.json) printJson({ runId, pipeline: target.pipeline.name, status: 'running' });
  else console.log(`It runs in the background: flowyml runs show ${runId}`);
}

/** Serves the run from this process where nobody else does, and stays until it ends. */
async function runHere(session: Session, target: Planned, request: RunRequest & { codeHash: string }, options: ExecuteOptions) {
  const { project, services } = session;
  let tell = say;
  const serving = await keepServed(session, target, request.codeHash, {
    plan: target.plan,
    others: await loadOthers(project, [...new Set([target.module, ...project.pipelines])], [target], say),
    log: (level, message) => level === 'error' && tell(`worker: ${message}`),
    say: (line) => tell(line),
    ...(options.debug ? { concurrency: 1 } : {}),
  });
  try {
    if (options.debug && !serving.own) say('--debug has no effect: another worker serves this pipeline already');
    const runId = await beginRun(session, target, request, options.id);
    announce(session, runId);
    const followed = followRun(session.db, runId, target.pipeline.name);
    tell = followed.say;
    cancelOnSignal(session, runId, tell);
    let result: RunResult;
    try {
      result = await runToEnd(session, runId, { serving, say: tell });
    } finally {
      await followed.stop();
    }
    if (!options.json) console.log();
    show(result, options);
    if (!options.json && services.temporal.embedded) say("\nTemporal and PostgreSQL stay up; 'flowyml down' stops them.");
  } finally {
    await serving.stop();
  }
}

/**
 * A run that has the id already is not started again: its result if it has ended, else undefined, and it is followed.
 * @throws UsageError if it is of another pipeline, or was never planned
 */
async function knownRun({ temporal, db }: Session, { pipeline }: Launchable, id: string | undefined): Promise<RunResult | undefined> {
  const known = id === undefined ? undefined : await lookForRun(temporal.client, db, id);
  if (!known) return undefined;
  const run = 'row' in known ? known.row : known.waiting;
  if (run.pipeline !== pipeline.name) throw new UsageError(`--id ${id}: that run is one of pipeline '${run.pipeline}'`);
  const what = isOpen(run.status) ? 'following it' : 'this is its result';
  if (!isOpen(run.status) && 'waiting' in known) throw new UsageError(`--id ${id}: that run ended before it was planned: ${known.reason}`);
  say(`Run ${id} exists already (${run.status}): ${what}; its params are its own.`);
  return 'row' in known && !isOpen(run.status) ? (await describeRun(db, known.row)).result : undefined;
}

const say = (line: string) => console.error(line);

function announce({ services }: Session, runId: string): void {
  const { ui, namespace } = services.temporal;
  say(`Run ${runId}${ui ? `  ${runLink(ui, namespace, runId)}` : ''}`);
}

function show(result: RunResult, options: ExecuteOptions): void {
  if (options.json) printJson(result);
  else console.log(formatSummary(result));
  if (result.status !== 'succeeded') process.exitCode = EXIT.failed;
}

/** Ctrl-C cancels the run and waits for it; a second one leaves it to itself. */
function cancelOnSignal(session: Session, runId: string, tell: (line: string) => void): void {
  onStopSignal(() => {
    tell('Cancelling the run (again: leave at once)');
    cancel(session.temporal.client, runId).catch((error: Error) => tell(`It could not be cancelled: ${error.message}`));
  }, 130);
}
