import { dirname } from 'node:path';
import { startSession } from '../../client/session.ts';
import { moduleFile, parseModuleArgument } from '../../loader/index.ts';
import { milliseconds } from '../../pipelines/duration.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { findProject } from '../../stacks/project.ts';
import { createWorker } from '../../workers/index.ts';
import { EXIT } from '../errors.ts';
import { checkStack, loadAll, loadOthers } from '../modules.ts';
import { wholeNumber } from '../options.ts';
import { onStopSignal } from '../signals.ts';
import { unseenLines } from '../unseen.ts';
import { type EndpointOptions, openEndpoints } from '../worker-endpoints.ts';
import { jsonVoice, textVoice } from '../worker-log.ts';

interface WorkerCommandOptions extends EndpointOptions {
  stack?: string;
  group: string[];
  concurrency?: string;
  drain: string;
  lenient?: boolean;
  logFormat: 'text' | 'json';
  logSteps?: boolean;
  verbose?: boolean;
}

/** `flowyml worker`: serves the project's workflows and steps until it is told to stop. */
export async function worker(modules: string[], options: WorkerCommandOptions): Promise<void> {
  const files = modules.map((module) => moduleFile(parseModuleArgument(module).path));
  const project = findProject(files[0] === undefined ? process.cwd() : dirname(files[0]));
  checkStack(project, options.stack);
  const { logSteps = false, verbose = false } = options;
  const voice = options.logFormat === 'json' ? await jsonVoice(project.name) : textVoice({ verbose });
  const say = (line: string) => voice.say(line);
  const drainMs = milliseconds(options.drain, '--drain');
  const concurrency = wholeNumber(options.concurrency, '--concurrency');
  const named = await loadAll(files);
  const others = project.pipelines.filter((path) => !files.includes(path));
  const pipelines = [...named, ...(options.lenient ? await loadOthers(project, others, named, say) : await loadAll(others))];
  if (!pipelines.length)
    throw new UsageError(
      `there is no pipeline to serve: no file of ${project.root} fits 'pipelines' (default pipelines/*.ts); name a MODULE`,
    );
  const { health, metrics } = await openEndpoints(options, say);
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
      log: voice.temporal,
      eventLog: voice.events,
      logSteps,
      ...(metrics ? { metrics } : {}),
    });
    health?.watch(() => served.health());
    voice.name(served.id);
    say(`worker ${served.id} serves ${[...served.pipelines.keys()].join(', ')} on ${served.taskQueues.join(', ')}`);
    for (const each of served.pipelines.values()) for (const line of unseenLines(each)) say(line);
    if (session.services.temporal.ui) say(`Temporal Web: ${session.services.temporal.ui}`);
    // The first signal lets running steps end; the second does not wait.
    onStopSignal((signal) => {
      say(`${signal}: no new work is taken; running steps may end (again: stop at once)`);
      served.shutdown();
    }, EXIT.failed);
    await served.run();
    say('worker stopped');
  } finally {
    await session.close();
    await health?.close();
  }
}
