import { join } from 'node:path';
import { joinSession } from '../../client/session.ts';
import { findProject } from '../../stacks/project.ts';
import { whenIdle } from '../../workers/idle.ts';
import { queueWorkerTask } from '../../workers/queue-worker.ts';
import { createWorker } from '../../workers/worker.ts';
import { EXIT } from '../errors.ts';
import { loadAll } from '../modules.ts';
import { onStopSignal } from '../signals.ts';
import { textVoice } from '../worker-log.ts';

const DRAIN_MS = 5000;

/** `flowyml queue-worker`: what executors start, in containers and elsewhere. Serves one queue, one step at a time. */
export async function queueWorker(): Promise<void> {
  const { name, project: projectName, queue, group, stack, modules, idleMs } = queueWorkerTask();
  const found = findProject(undefined, { stack: 'local', check: false });
  const project = { ...found, name: projectName, stack: stack.name, stacks: { ...found.stacks, [stack.name]: stack } };
  const voice = textVoice({ verbose: false });
  const pipelines = await loadAll(modules.map((module) => join(project.root, module)));
  const session = await joinSession(project);
  try {
    const worker = await createWorker({
      project,
      temporal: session.services.temporal,
      databaseUrl: session.services.postgres.url,
      pipelines,
      queue: { name, queue, group },
      concurrency: 1,
      drainMs: DRAIN_MS,
      log: voice.temporal,
      eventLog: voice.events,
    });
    voice.name(worker.id);
    voice.say(`serves ${queue}`);
    const stop = (reason: string) => {
      voice.say(`${reason}: no new work is taken`);
      worker.shutdown();
    };
    onStopSignal(stop, EXIT.failed);
    const watched = { db: session.db, project: projectName, busySince: () => worker.busySince() };
    const forget = whenIdle(watched, idleMs, stop);
    await worker.run();
    forget();
  } finally {
    await session.close();
  }
}
