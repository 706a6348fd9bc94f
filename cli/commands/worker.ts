import { dirname } from 'node:path';
import { startSession } from '../../client/session.ts';
import { moduleFile, parseModuleArgument } from '../../loader/index.ts';
import { milliseconds } from '../../pipelines/duration.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { findProject } from '../../stacks/project.ts';
import { createWorker } from '../../workers/index.ts';
import { EXIT } from '../errors.ts';
import { checkStack, loadAll } from '../modules.ts';
import { wholeNumber } from '../options.ts';

interface WorkerCommandOptions {
  stack?: string;
  group: string[];
  concurrency?: string;
  drain: string;
}

/** `flowyml worker`: serves the project's workflows and steps until it is told to stop. */
export async function worker(modules: string[], options: WorkerCommandOptions): Promise<void> {
  const files = modules.map((module) => moduleFile(parseModuleArgument(module).path));
  const project = findProject(files[0] === undefined ? process.cwd() : dirname(files[0]));
  checkStack(project, options.stack);
  const drainMs = milliseconds(options.drain, '--drain');
  const concurrency = wholeNumber(options.concurrency, '--concurrency');
  const pipelines = await loadAll([...new Set([...files, ...project.pipelines])]);
  if (!pipelines.length)
    throw new UsageError(
      `there is no pipeline to serve: no file of ${project.root} fits 'pipelines' (default pipelines/*.ts); name a MODULE`,
    );
  const session = await startSession(project, { onProgress: say });
  try {
    const served = await createWorker({
      project,
      temporal: session.services.temporal,
      databaseUrl: session.services.postgres.url,
      pipelines,
      drainMs,
      ...(options.group.length ? { groups: options.group } : {}),
      ...(concurrency === undefined ? {} : { concurrency }),
      log: (level, message, fields) =>
        say(`${level}: ${message}${fields.error ? `: ${(fields.error as Error).message ?? fields.error}` : ''}`),
    });
    say(`worker ${served.id} serves ${[...served.pipelines.keys()].join(', ')} on ${served.taskQueues.join(', ')}`);
    if (session.services.temporal.ui) say(`Temporal Web: ${session.services.temporal.ui}`);
    stopOnSignal(() => served.shutdown());
    await served.run();
    say('worker stopped');
  } finally {
    await session.close();
  }
}

/** The first signal lets running steps end; the second does not wait. */
function stopOnSignal(stop: () => void): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT.failed);
      asked = true;
      say(`${signal}: no new work is taken; running steps may end (again: stop at once)`);
      stop();
    });
  }
}

const say = (line: string) => console.error(`${new Date().toISOString()} ${line}`);
