import { setTimeout as wait } from 'node:timers/promises';
import { type Database, explainLost, isDatabaseAway, type Lock, liveWorkers, neededWorkers, tryLock } from '../../metadata/index.ts';
import type { PlanWorkers } from '../../pipelines/plan.ts';
import type { ExecutorSpec } from '../../pipelines/stack-spec.ts';
import type { Executor, WorkerRequest } from '../../stacks/executor.ts';
import { openExecutor } from './open-executor.ts';
import { type KeeperContext, QueueKeeper, workerName } from './queue-keeper.ts';

const LOOK_MS = 1000;

export interface ExecutorKeeperOptions {
  db: Database;
  project: { name: string; root: string };
  backlog(queue: string): Promise<number>;
  /** What a worker of a queue is told and given. */
  request(queue: string, need: PlanWorkers, name: string): WorkerRequest;
  refuse: KeeperContext['refuse'];
  say: KeeperContext['say'];
}

interface Kept {
  keeper: QueueKeeper;
  lock: Lock;
}

/**
 * Sees to it that the queues of open runs are served by the executors that their plans name. Of the workers of a project
 * one at a time looks after an executor; another takes over when that one is gone.
 */
export class ExecutorKeeper {
  private readonly kept = new Map<string, Kept>();
  private readonly executors = new Map<string, Executor>();
  private readonly said = new Map<string, string>();
  private readonly stopped = new AbortController();
  private awake = new AbortController();
  private running: Promise<void> | undefined;
  private readonly options: ExecutorKeeperOptions;

  constructor(options: ExecutorKeeperOptions) {
    this.options = options;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** A run was planned: looks at once. */
  wake(): void {
    this.awake.abort();
  }

  /** Stops looking. Where no other worker of the project is left to go on, workers that were started end too. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.awake.abort();
    await this.running;
    const others = await this.others().catch(() => true);
    for (const { keeper, lock } of this.kept.values()) {
      if (!others) await keeper.stopAll().catch((error: Error) => this.options.say('error', error.message));
      await lock.release();
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      this.awake = new AbortController();
      // A database that is away is told of by whoever needs it for a run.
      await this.look().catch((error: Error) => isDatabaseAway(error) || this.sayOnce('', error.message));
      await wait(LOOK_MS, undefined, { signal: this.awake.signal }).catch(() => {});
    }
  }

  private async look(): Promise<void> {
    const needs = await neededWorkers(this.options.db, this.options.project.name);
    const bySpec = new Map<string, { spec: ExecutorSpec; needs: Map<string, PlanWorkers> }>();
    for (const key of this.kept.keys()) bySpec.set(key, { spec: JSON.parse(key) as ExecutorSpec, needs: new Map() });
    for (const [queue, need] of needs) {
      const key = keyOf(need.executor);
      const each = bySpec.get(key) ?? { spec: need.executor, needs: new Map<string, PlanWorkers>() };
      bySpec.set(key, each);
      each.needs.set(queue, need);
    }
    for (const [key, each] of bySpec) {
      try {
        await (await this.keeperOf(key, each.spec))?.look(each.needs);
        this.said.delete(key);
      } catch (error) {
        if (isDatabaseAway(error)) continue;
        this.sayOnce(key, (error as Error).message);
      }
    }
  }

  /** The keeper of an executor; undefined where another worker of the project looks after it. */
  private async keeperOf(key: string, spec: ExecutorSpec): Promise<QueueKeeper | undefined> {
    const { db, project, backlog, request, refuse, say } = this.options;
    const known = this.kept.get(key);
    if (known && (await known.lock.check())) return known.keeper;
    if (known) this.kept.delete(key);
    // Who cannot reach it must not keep others from looking after it.
    let executor = this.executors.get(key);
    executor ??= await openExecutor(spec, project);
    this.executors.set(key, executor);
    await executor.running(project);
    const lock = await tryLock(db, `executor\n${project.name}\n${key}`);
    if (!lock) return undefined;
    const keeper = new QueueKeeper(executor, {
      project,
      backlog,
      refuse,
      say,
      ready: async () => new Set((await liveWorkers(db, project.name)).map(({ id }) => id.split(':')[0] ?? '')),
      start: (on, queue, need, index) => on.start(request(queue, need, workerName(queue, index))),
      lost: ({ name }, reason) => explainLost(db, name, reason),
    });
    this.kept.set(key, { keeper, lock });
    return keeper;
  }

  private async others(): Promise<boolean> {
    const live = await liveWorkers(this.options.db, this.options.project.name);
    return live.some(({ pipelines }) => Object.keys(pipelines).length > 0);
  }

  /** What goes wrong every second is said once, until it goes well. */
  private sayOnce(key: string, message: string): void {
    if (this.said.get(key) === message) return;
    this.said.set(key, message);
    this.options.say('error', message);
  }
}

/** Settings of how many workers there are, and for how long, make no other executor. */
function keyOf(spec: ExecutorSpec): string {
  if (spec.type === 'docker') return JSON.stringify({ type: 'docker' });
  return JSON.stringify(spec);
}
