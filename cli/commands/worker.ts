import { dirname } from 'node:path';
import { startSession } from '../../client/session.ts';
import { moduleFile, parseModuleArgument } from '../../loader/index.ts';
import { milliseconds } from '../../pipelines/duration.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { CodeChangePolicy } from '../../pipelines/pipeline.ts';
import { findProject } from '../../stacks/project.ts';
import { createWorker } from '../../workers/worker.ts';
import { EXIT } from '../errors.ts';
import { loadAll, loadOthers } from '../modules.ts';
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
  onCodeChange?: CodeChangePolicy;
  deployment?: string;
  buildId?: string;
  lenient?: boolean;
  logFormat: 'text' | 'json';
  logSteps?: boolean;
  verbose?: boolean;
}

/** `flowyml worker`: serves the project's workflows and steps until it is told to stop. */
export async function worker(modules: string[], options: WorkerCommandOptions): Promise<void> {
  const files = modules.map((module) => moduleFile(parseModuleArgument(module).path));
  const project = findProject(files[0] === undefined ? process.cwd() : dirname(files[0]), { stack: options.stack });
  const { logSteps = false, verbose = false } = options;
  const voice = options.logFormat === 'json' ? await jsonVoice(project.name) : textVoice({ verbose });
  const say = (line: string) => voice.say(line);
  const drainMs = milliseconds(options.drain, '--drain');
  const { deployment = process.env.TEMPORAL_DEPLOYMENT_NAME, buildId = process.env.TEMPORAL_WORKER_BUILD_ID } = options;
  if (options.buildId !== undefined && !deployment) throw new UsageError('--build-id goes with --deployment: a version of what?');
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
      ...(options.stack === undefined ? {} : { oneStack: true }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(options.onCodeChange === undefined ? {} : { onCodeChange: options.onCodeChange }),
      ...(deployment ? { versioning: { deploymentName: deployment, ...(buildId ? { buildId } : {}) } } : {}),
      log: voice.temporal,
      eventLog: voice.events,
      logSteps,
      ...(metrics ? { metrics } : {}),
    });
    health?.watch(() => served.health());
    voice.name(served.id);
    say(`worker ${served.id} serves ${[...served.pipelines.keys()].join(', ')} on ${served.taskQueues.join(', ')}`);
    if (served.version) {
      const { deploymentName, buildId: build } = served.version;
      say(
        `version ${build} of deployment ${deploymentName}: runs come to it once it is the current one ('temporal worker deployment set-current-version')`,
      );
    }
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
