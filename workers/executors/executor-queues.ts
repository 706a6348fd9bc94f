import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Database } from '../../metadata/index.ts';
import type { TemporalTarget } from '../../services/temporal/connection.ts';
import type { Project } from '../../stacks/project.ts';
import type { WorkerLog } from '../runtime.ts';
import { ExecutorKeeper } from './executor-keeper.ts';
import { queueBacklog } from './queue-backlog.ts';
import { workerRequest } from './worker-request.ts';

export interface ExecutorQueuesOptions {
  db: Database;
  project: Project;
  temporal: TemporalTarget;
  databaseUrl: string;
  connection: NativeConnection;
  say: WorkerLog;
  /** Makes a worker whose every step fails with this message. */
  failing(queue: string, message: string): Promise<Worker>;
}

/** The queues that executors serve, as far as one worker of the project looks after them. */
export class ExecutorQueues {
  private readonly keeper: ExecutorKeeper;
  /** Those that nobody can serve: their steps would wait for ever. */
  private readonly refused: { worker: Worker; running: Promise<void> }[] = [];

  constructor({ db, project, temporal, databaseUrl, connection, say, failing }: ExecutorQueuesOptions) {
    this.keeper = new ExecutorKeeper({
      db,
      project: { name: project.name, root: project.root },
      backlog: (queue) => queueBacklog(connection, temporal.namespace, queue),
      request: (queue, need, name) => workerRequest({ project, temporal, databaseUrl }, queue, need, name),
      refuse: async (queue, _, message) => {
        const worker = await failing(queue, message);
        this.refused.push({ worker, running: worker.run().catch(() => {}) });
      },
      say: (level, line) => say(level, line, {}),
    });
    this.keeper.start();
  }

  /** A run was planned whose steps need workers: looks at once. */
  wake(): void {
    this.keeper.wake();
  }

  /** Leaves the queues to other workers of the project, where there are some. */
  async stop(): Promise<void> {
    await this.keeper.stop();
    for (const { worker } of this.refused) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(this.refused.map(({ running }) => running));
  }
}
