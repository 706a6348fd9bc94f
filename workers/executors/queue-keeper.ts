import type { PlanWorkers } from '../../pipelines/plan.ts';
import { CannotStart, type Executor, type RunningWorker } from '../../stacks/executor.ts';

/** What a keeper of queues asks of the rest of its worker. */
export interface KeeperContext {
  project: { name: string; root: string };
  backlog(queue: string): Promise<number>;
  /** The names of workers that have said that they are there. */
  ready(): Promise<Set<string>>;
  start(executor: Executor, queue: string, need: PlanWorkers, index: number): Promise<void>;
  /** A worker has ended of which nobody asked it: says so to the attempts that it took with it. */
  lost(worker: RunningWorker, reason: string): Promise<void>;
  /** From now on the steps of a queue fail with this message. */
  refuse(queue: string, need: PlanWorkers, message: string): Promise<void>;
  say(level: 'info' | 'warn' | 'error', line: string): void;
}

interface QueueState {
  /** Workers that ended before they were ready, one after the other. */
  failures: number;
  reason: string;
  /** Whether workers were started before there was anything to do: once for a run. */
  prewarmed: boolean;
  refused: boolean;
}

// A worker that never becomes ready is started so often, until its steps fail.
const TRIES = 3;

/**
 * Keeps the queues of one executor served: starts workers while tasks wait, replaces those that end, and lets idle ones end
 * by themselves. It holds nothing that cannot be asked for again, so any process can go on with it.
 */
export class QueueKeeper {
  private readonly queues = new Map<string, QueueState>();
  /** Workers that were ready at some time. */
  private readonly wereReady = new Set<string>();
  private readonly executor: Executor;
  private readonly context: KeeperContext;

  constructor(executor: Executor, context: KeeperContext) {
    this.executor = executor;
    this.context = context;
  }

  /** One look at what runs and what is needed. */
  async look(needs: ReadonlyMap<string, PlanWorkers>): Promise<void> {
    const { project } = this.context;
    const ready = await this.context.ready();
    for (const name of ready) this.wereReady.add(name);
    for (const ended of await this.executor.ended(project)) await this.takeEnd(ended);
    const running = await this.executor.running(project);
    for (const [queue, need] of needs) {
      const own = running.filter((worker) => worker.queue === queue);
      await this.serve(queue, need, own, own.filter(({ name }) => ready.has(name)).length);
    }
    for (const queue of this.queues.keys()) if (!needs.has(queue)) this.queues.delete(queue);
  }

  /** Ends all workers of the executor. */
  async stopAll(): Promise<void> {
    const running = await this.executor.running(this.context.project);
    await Promise.all(running.map(({ name }) => this.executor.stop(name)));
    await this.executor.ended(this.context.project);
  }

  private async serve(queue: string, need: PlanWorkers, running: readonly RunningWorker[], ready: number): Promise<void> {
    const state = this.stateOf(queue);
    if (state.refused) return;
    const waiting = await this.context.backlog(queue);
    const wanted = workersWanted(need, { waiting, ready, fresh: !state.prewarmed });
    state.prewarmed = true;
    const taken = new Set(running.map(({ name }) => name));
    for (let index = 0, missing = wanted - running.length; missing > 0; index++) {
      const name = workerName(queue, index);
      if (taken.has(name)) continue;
      missing--;
      try {
        await this.context.start(this.executor, queue, need, index);
        this.wereReady.delete(name);
      } catch (error) {
        if (!(error instanceof CannotStart)) throw error;
        return this.refuse(queue, need, error.message);
      }
    }
    if (state.failures >= TRIES && waiting > 0) await this.refuse(queue, need, `its workers end before they are ready: ${state.reason}`);
  }

  private async takeEnd(ended: RunningWorker & { reason?: string }): Promise<void> {
    const { name, queue, reason } = ended;
    const state = this.stateOf(queue);
    const served = this.wereReady.delete(name);
    if (reason === undefined || served) state.failures = 0;
    if (reason === undefined) return;
    if (!served) state.failures++;
    state.reason = reason;
    // Its step comes back to the queue only when its heartbeat is overdue: another worker is to be there by then.
    state.prewarmed = false;
    this.context.say('error', `worker ${name} ended: ${reason}`);
    await this.context.lost(ended, reason);
  }

  private async refuse(queue: string, need: PlanWorkers, message: string): Promise<void> {
    this.stateOf(queue).refused = true;
    this.context.say('error', `group '${need.group}' cannot be served: ${message}`);
    await this.context.refuse(queue, need, message);
  }

  private stateOf(queue: string): QueueState {
    let state = this.queues.get(queue);
    if (!state) {
      state = { failures: 0, reason: '', prewarmed: false, refused: false };
      this.queues.set(queue, state);
    }
    return state;
  }
}

/** How many workers a queue should have now. Above that, idle ones end by themselves. */
export function workersWanted(
  { replicas, minReplicas }: Pick<PlanWorkers, 'replicas' | 'minReplicas'>,
  { waiting, ready, fresh }: { waiting: number; ready: number; fresh: boolean },
): number {
  if (minReplicas === undefined) return waiting > 0 || fresh ? replicas : 0;
  // Those that have just been started will take as many of the tasks that wait.
  const least = Math.max(minReplicas, fresh ? 1 : 0);
  return Math.min(replicas, Math.max(least, waiting > 0 ? ready + waiting : 0));
}

/** Task queues have characters and lengths that names of containers have not. */
export const workerName = (queue: string, index: number) => `flowyml.${queue}.${index}`;
