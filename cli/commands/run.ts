import { type Session, startSession } from '../../client/session.ts';
import { formatSummary } from '../../client/summary.ts';
import { checkRun, ensureWorker, launchRun, type WorkerHandle } from '../../launch.ts';
import { findRun } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { RunRequest } from '../../pipelines/run-request.ts';
import { isOpen, type RunResult } from '../../pipelines/run-result.ts';
import { ensureBackgroundWorker } from '../background-worker.ts';
import { EXIT } from '../errors.ts';
import { checkStack, loadOthers, loadTarget } from '../modules.ts';
import { readParams } from '../options.ts';
import { printJson, runLink } from '../output.ts';
import { followRun } from '../progress.ts';

interface RunCommandOptions {
  param: string[];
  params?: string;
  stack?: string;
  tag: string[];
  experiment?: string;
  id?: string;
  detach?: boolean;
  debug?: boolean;
  json?: boolean;
}

/** `flowyml run`: runs a pipeline to its end and shows how it goes. */
export async function run(module: string, options: RunCommandOptions): Promise<void> {
  const { project, target } = await loadTarget(module);
  checkStack(project, options.stack);
  if (options.id !== undefined && !options.id.trim()) throw new UsageError("--id: a run's id must not be empty");
  const params = readParams(target.pipeline, options.params, options.param);
  const { codeHash } = await checkRun({ project }, target, { params });
  const request: RunRequest = {
    params,
    codeHash,
    ...(options.tag.length ? { tags: options.tag } : {}),
    ...(options.experiment === undefined ? {} : { experiment: options.experiment }),
  };

  const session = await startSession(project, { onProgress: say });
  let worker: WorkerHandle | undefined;
  try {
    if (options.detach) await ensureBackgroundWorker(session, target, codeHash);
    else {
      const log = (level: string, message: string) => level === 'error' && say(`worker: ${message}`);
      worker = await ensureWorker(
        session,
        target,
        codeHash,
        await loadOthers(project, target.module, say),
        log,
        options.debug ? 1 : undefined,
      );
    }
    const known = options.id === undefined ? undefined : await findRun(session.db, options.id);
    if (known && known.pipeline !== target.pipeline.name)
      throw new UsageError(`--id ${options.id}: that run is one of pipeline '${known.pipeline}'`);
    if (known)
      say(
        `Run ${known.runId} exists already (${known.status}): ${isOpen(known.status) ? 'following it' : 'this is its result'}; its params are its own.`,
      );
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

/** Ctrl-C cancels the run and waits for it; a second one leaves it to itself. */
function cancelOnSignal(session: Session, runId: string): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      say('Cancelling the run (again: leave at once)');
      session.temporal.client.workflow
        .getHandle(runId)
        .cancel()
        .catch((error: Error) => say(`It could not be cancelled: ${error.message}`));
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
