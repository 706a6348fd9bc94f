import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { openDatabase } from '../../../metadata/index.ts';
import { projectStoreTarget } from '../../../stacks/project.ts';
import { StepPool } from '../../../workers/step-pool.ts';
import type { Workspace } from '../workspace.ts';
import { handWrittenActivities } from './activities.ts';

export const WORK_QUEUE = 'hand-written-work';
export const NOTHING_QUEUE = 'hand-written-nothing';

/** Starts a worker for each of the two, with the SDK's own settings, and a pool of step processes like flowyml's. */
export async function startHandWritten({ root, session, modules }: Workspace): Promise<{ stop(): Promise<void> }> {
  const { temporal, postgres } = session.services;
  const codePath = await bundle(root);
  const connection = await NativeConnection.connect({ address: temporal.address });
  const pool = new StepPool();
  const db = openDatabase(postgres.url, { max: Math.max(8, 2 * pool.size) });
  const activities = handWrittenActivities(db, pool, projectStoreTarget(session.project));
  const create = (taskQueue: string) =>
    Worker.create({ connection, namespace: temporal.namespace, taskQueue, workflowBundle: { codePath }, activities: { ...activities } });
  const workers = await Promise.all([create(WORK_QUEUE), create(NOTHING_QUEUE)]);
  const running = workers.map((worker) => worker.run());
  for (const each of running) each.catch(() => {});
  await pool.warm([modules.chain, modules.fanOut]);
  return {
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await Promise.allSettled([pool.close(), db.close(), connection.close()]);
    },
  };
}

async function bundle(root: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = join(root, '.flowyml', 'hand-written.js');
  mkdirSync(join(root, '.flowyml'), { recursive: true });
  writeFileSync(file, code);
  return file;
}
