import { setTimeout as sleep } from 'node:timers/promises';
import type { Plant, PlantWorker } from './plant.ts';
import { processes, signal, stepProcesses } from './processes.ts';
import { type Random, random } from './random.ts';

export type Victim = 'worker' | 'child' | 'temporal' | 'postgres';

/** How many of twenty kills each gets. */
const SHARES: Record<Victim, number> = { worker: 6, child: 5, temporal: 4, postgres: 5 };

/** How often in a row a worker may fail to start, as it does where a service is away just then. */
const FALSE_STARTS = 10;

/** How long a step process may outlive its worker: it looks every 200 ms, once it has started. */
const ORPHAN_MS = 5000;

export interface Kill {
  victim: Victim;
  pid: number;
  /** Of a child: its worker's. */
  parent?: number;
  at: number;
  /** When it could be used again. */
  backAt?: number;
}

/** Kills processes of a plant with -9, and brings them back. */
export class Killer {
  readonly kills: Kill[] = [];
  /** What went wrong on the way: a worker that ended by itself, a step process that outlived its worker. */
  readonly complaints: string[] = [];
  private readonly plant: Plant;
  private readonly seed: number;
  private readonly random: Random;
  private readonly say: (line: string) => void;
  private bag: Victim[] = [];
  private broken: Error | undefined;
  private readonly tasks: Promise<void>[] = [];
  private end = () => {};
  private readonly ending = new Promise<false>((resolve) => {
    this.end = () => resolve(false);
  });

  constructor(plant: Plant, seed: number, say: (line: string) => void) {
    this.plant = plant;
    this.seed = seed;
    this.random = random(seed);
    this.say = say;
  }

  /** Keeps so many workers running from now on. */
  keepWorkers(count: number): void {
    for (let i = 0; i < count; i++) this.tasks.push(this.keepOne(random(this.seed + 1 + i)));
  }

  /** Kills one process. A service is back when this comes back; a worker comes back by itself. */
  async kill(): Promise<void> {
    if (!this.bag.length) {
      const all = Object.entries(SHARES).flatMap(([victim, share]) => Array<Victim>(share).fill(victim as Victim));
      this.bag = this.random.shuffle(all);
    }
    const victim = this.bag.pop() as Victim;
    if (victim === 'temporal' || victim === 'postgres') return this.killService(victim);
    // Whoever is due is there in a moment: its worker may have been killed just before.
    while (!(victim === 'worker' ? await this.killWorker() : await this.killChild())) {
      if (this.broken) throw this.broken;
      await sleep(100);
    }
  }

  /** Waits until all is back, and kills nothing more. */
  async stop(): Promise<void> {
    this.end();
    await Promise.all(this.tasks);
  }

  private async killService(victim: 'temporal' | 'postgres'): Promise<void> {
    const { pid = 0 } = (await this.plant.status())[victim];
    const kill = this.shoot({ victim, pid, at: 0 });
    if (!kill) throw new Error(`${victim} does not run`);
    await sleep(this.random.between(0, 1500));
    await this.plant.ensure();
    kill.backAt = Date.now();
    this.say(`  ${victim} is back after ${kill.backAt - kill.at} ms`);
  }

  private async killWorker(): Promise<boolean> {
    const worker = this.random.pick([...this.plant.workers]);
    const children = worker ? await stepProcesses(worker.pid) : [];
    if (!worker || !this.shoot({ victim: 'worker', pid: worker.pid, at: 0 })) return false;
    this.tasks.push(this.expectGone(children.map(({ pid }) => pid)));
    return true;
  }

  private async killChild(): Promise<boolean> {
    const worker = this.random.pick([...this.plant.workers]);
    const child = worker && this.random.pick(await stepProcesses(worker.pid));
    const kill = child && this.shoot({ victim: 'child', pid: child.pid, parent: worker.pid, at: 0 });
    if (kill) kill.backAt = kill.at;
    return kill !== undefined;
  }

  private shoot(kill: Kill): Kill | undefined {
    kill.at = Date.now();
    if (!kill.pid || !signal(kill.pid, 'SIGKILL')) return undefined;
    this.kills.push(kill);
    this.say(`kill ${this.kills.length}: ${kill.victim}, pid ${kill.pid}`);
    return kill;
  }

  /** Starts a worker, and another when it is gone. */
  private async keepOne(own: Random): Promise<void> {
    const due: Kill[] = [];
    for (let falseStarts = 0; ; ) {
      const worker = this.plant.startWorker();
      const served = await worker.serving.catch(() => undefined);
      if (served) falseStarts = 0;
      if (served) for (const kill of due.splice(0)) kill.backAt = served;
      const gone = await Promise.race([worker.ended.then(() => true), this.ending]);
      if (!gone) return;
      const kill = this.kills.find((each) => each.pid === worker.pid);
      if (kill) due.push(kill);
      else await this.endedByItself(worker, served !== undefined);
      if (!kill && ++falseStarts > FALSE_STARTS) this.broken = new Error(`no worker starts: ${worker.output().slice(-2000)}`);
      if (this.broken) return;
      await sleep(own.between(0, 3000));
    }
  }

  private async endedByItself(worker: PlantWorker, served: boolean): Promise<void> {
    const { code, signal } = await worker.ended;
    // One that starts while a service is away may say so and end: whoever started it starts it again.
    if (served) this.complaints.push(`worker ${worker.pid} ended by itself (${signal ?? code}):\n${worker.output().slice(-2000)}`);
    else this.say(`worker ${worker.pid} did not start: ${/^flowyml: .*/m.exec(worker.output())?.[0] ?? worker.output().trim()}`);
  }

  private async expectGone(pids: number[]): Promise<void> {
    await sleep(ORPHAN_MS);
    for (const { pid, command } of await processes()) {
      if (pids.includes(pid) && command.includes(this.plant.name)) this.complaints.push(`process ${pid} of a step outlived its worker`);
    }
  }
}
