import { availableParallelism } from 'node:os';
import workerpool, { type Pool } from 'workerpool';
import type { StepCall, StepCallOptions, StepCallResult, StepEvent, StepFailure, StepRunner } from '../activities/step-runner.ts';
import { newTempFolder, removeTempFolder } from '../activities/temp-folders.ts';
import { entryFile, execArguments } from '../loader/spawn.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { LatestOf } from './latest-of.ts';
import { Slots } from './slots.ts';
import { ABORT_SIGNAL, MEMORY_SIGNAL } from './step-signals.ts';

/** What a step's process is told beside the call itself. */
export interface ChildTask extends StepCall {
  workDir: string;
  timeoutMs?: number | undefined;
}

/** What a step's process reports beside the step's own events: that it has the call, and that the function begins. */
export type ChildEvent = StepEvent | { kind: 'accepted'; pid: number } | { kind: 'started' } | { kind: 'checkpoint'; ref: ArtifactRef };

/** How long a step may go on after its AbortSignal before its process is ended, in milliseconds. */
const GRACE_MS = { timeout: 500, interrupt: 5000 };
// 24.8 days.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
// How long an idle process may take to end when the pool closes.
const TERMINATE_MS = 500;
// How many processes may end before they take a call, until that is the call's own failure.
const STARTS = 3;
const CHILD = new URL('./child/main.ts', import.meta.url);

export interface StepPoolOptions {
  /** Steps at a time; one a core, and at least two, unless given. */
  size?: number;
  /** Told whenever it changes how many processes work, of how many, and how many steps wait for one. */
  onLoad?: ((busy: number, size: number, waiting: number) => void) | undefined;
  /** Whether a module's code is on disk as the worker read it; always, unless given. */
  isUnchanged?: (module: string) => boolean;
}

/**
 * Runs each step in a process of its own: one step at a time in each, reused by later ones. A step that blocks its CPU,
 * runs out of memory or crashes takes only its process with it. Processes with a memory limit are kept apart by limit.
 */
export class StepPool implements StepRunner {
  readonly size: number;
  private readonly slots: Slots;
  private readonly pools = new Map<number, Pool>();
  private closed = false;
  private readonly onLoad: StepPoolOptions['onLoad'];
  private readonly isUnchanged: (module: string) => boolean;
  /** Processes and modules that they loaded as the worker knows them: `pid module`. */
  private readonly proven = new Set<string>();

  constructor(options: StepPoolOptions = {}) {
    this.size = options.size ?? Math.max(2, availableParallelism());
    this.slots = new Slots(this.size);
    this.onLoad = options.onLoad;
    this.isUnchanged = options.isUnchanged ?? (() => true);
    this.tellLoad();
  }

  /** Starts the processes and has them load modules, so that the first step need not wait for it. */
  async warm(modules: readonly string[]): Promise<void> {
    const pool = this.pool(0);
    await Promise.all(
      Array.from({ length: this.size }, () =>
        pool.exec('warm', [modules]).then(
          (pid: number) => {
            for (const module of modules) this.prove(pid, module);
          },
          () => {},
        ),
      ),
    );
  }

  async run(call: StepCall, options: StepCallOptions): Promise<StepCallResult> {
    const slot = this.slots.take(options.signal);
    this.tellLoad();
    try {
      await slot;
    } catch {
      return interrupted();
    } finally {
      this.tellLoad();
    }
    // Made by the process if it needs one, removed here whatever became of it.
    const workDir = newTempFolder('step');
    try {
      return await this.call({ ...call, workDir, timeoutMs: options.timeoutMs }, options);
    } finally {
      this.slots.give();
      this.tellLoad();
      await removeTempFolder(workDir);
    }
  }

  /** Ends all processes, those that run a step too. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.pools.values()].map((pool) => Promise.resolve(pool.terminate(true, 3 * TERMINATE_MS)).catch(() => {})));
  }

  /** Whether a process has loaded a module as the worker knows it: then and only then the files are so after it did. */
  private prove(pid: number, module: string): boolean {
    const key = `${pid} ${module}`;
    if (!this.proven.has(key) && this.isUnchanged(module)) this.proven.add(key);
    return this.proven.has(key);
  }

  private tellLoad(): void {
    const { free, waiting } = this.slots.load;
    this.onLoad?.(this.size - free, this.size, waiting);
  }

  private async call(task: ChildTask, options: StepCallOptions): Promise<StepCallResult> {
    const child = new ChildControl();
    const checkpoints = new LatestOf((ref: ArtifactRef) => options.onCheckpoint(ref));
    let tail = '';
    const on = (event: ChildEvent | { stdout: string } | { stderr: string }) => {
      if (!('kind' in event)) {
        const told: StepEvent = {
          kind: 'output',
          ...('stdout' in event ? { stream: 'stdout', text: event.stdout } : { stream: 'stderr', text: event.stderr }),
        };
        tail = (tail + told.text).slice(-4000);
        options.onEvent(told);
      } else if (event.kind === 'accepted') child.accepted(event.pid);
      // The clock starts with the step's function, not while its process still starts or fetches inputs.
      else if (event.kind === 'started') child.endAfter(options.timeoutMs);
      else if (event.kind === 'checkpoint') checkpoints.take(event.ref);
      else options.onEvent(event);
    };
    const interrupt = () => child.stop('interrupt');
    options.signal.addEventListener('abort', interrupt, { once: true });
    if (options.signal.aborted) interrupt();
    try {
      for (let starts = 1; ; ) {
        try {
          const result = (await this.pool(options.memoryBytes ?? 0).exec('run', [task], { on })) as StepCallResult;
          if (child.stopped === 'timeout') return timeout(task);
          return !result.ok || child.pid === undefined || this.prove(child.pid, task.module) ? result : { ...result, otherCode: true };
        } catch (error) {
          if (child.stopped === 'timeout') return timeout(task);
          if (child.stopped === 'interrupt' || this.closed) return interrupted();
          // It never had the call: the step has not begun, and another process may take it.
          if (!child.hasCall && (wasGone(error as Error) || starts++ < STARTS)) continue;
          return died(task, error as Error, options.memoryBytes, tail);
        }
      }
    } finally {
      await checkpoints.written();
      child.done();
      options.signal.removeEventListener('abort', interrupt);
    }
  }

  private pool(memoryBytes: number): Pool {
    let pool = this.pools.get(memoryBytes);
    if (!pool) {
      if (this.closed) throw new Error('the pool of step processes is closed');
      const limit = memoryBytes ? [`--max-old-space-size=${Math.max(32, Math.floor(memoryBytes / 2 ** 20))}`] : [];
      pool = workerpool.pool(entryFile(CHILD), {
        workerType: 'process',
        maxWorkers: this.size,
        emitStdStreams: true,
        workerTerminateTimeout: TERMINATE_MS,
        forkOpts: {
          execArgv: [...execArguments(), ...limit],
          serialization: 'advanced',
          env: { ...process.env, FLOWYML_STEP_MEMORY: String(memoryBytes) },
        },
      });
      this.pools.set(memoryBytes, pool);
    }
    return pool;
  }
}

/**
 * Ends the process of one call: asks first, by a signal that aborts the step's AbortSignal, and kills it when it has not
 * come back after a grace period. workerpool's own cancel would wait twice as long for a process that is busy.
 */
class ChildControl {
  stopped: 'timeout' | 'interrupt' | undefined;
  /** Whether a process has taken the call. */
  hasCall = false;
  pid: number | undefined;
  private readonly timers: NodeJS.Timeout[] = [];

  accepted(pid: number): void {
    this.hasCall = true;
    this.pid = pid;
    if (this.stopped) this.signal(this.stopped);
  }

  endAfter(ms: number | undefined): void {
    // A longer wait than a timer can count would be none at all.
    if (ms !== undefined) this.timers.push(setTimeout(() => this.stop('timeout'), Math.min(ms, LONGEST_TIMER_MS)));
  }

  stop(why: 'timeout' | 'interrupt'): void {
    if (this.stopped) return;
    this.stopped = why;
    if (this.pid !== undefined) this.signal(why);
  }

  done(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.pid = undefined;
  }

  private signal(why: 'timeout' | 'interrupt'): void {
    this.kill(ABORT_SIGNAL);
    this.timers.push(setTimeout(() => this.kill('SIGKILL'), GRACE_MS[why]));
  }

  private kill(signal: NodeJS.Signals): void {
    try {
      if (this.pid !== undefined) process.kill(this.pid, signal);
    } catch {
      // It has ended by itself: the call's own end follows.
    }
  }
}

const failed = (failure: StepFailure): StepCallResult => ({ ok: false, failure });

const interrupted = () => failed({ type: 'Interrupted', message: 'it was interrupted', final: false, counted: false });

const timeout = (task: ChildTask) =>
  failed({
    type: 'StepTimeout',
    message: `step '${task.step}' ran longer than its timeout of ${(task.timeoutMs ?? 0) / 1000} s`,
    final: false,
    counted: true,
  });

/** Whether a process had ended while it was idle: workerpool finds out when it gives it the next call. */
const wasGone = (error: Error) => /^(?:Worker is terminated|Workerpool Worker error: (?:Channel closed|write EPIPE))/.test(error.message);

/** Says what became of a process that ended by itself. */
function died(task: ChildTask, error: Error, memoryBytes: number | undefined, tail: string): StepCallResult {
  const code = /exitCode: `([^`]*)`/.exec(error.message)?.[1];
  const signal = /signalCode: `([^`]*)`/.exec(error.message)?.[1];
  const of = `the process of step '${task.step}'`;
  if (signal === MEMORY_SIGNAL || (memoryBytes && tail.includes('heap out of memory'))) {
    const limit = `${Math.round((memoryBytes ?? 0) / 2 ** 20)} MiB`;
    return failed({
      type: 'MemoryExceeded',
      message: `${of} used more than its ${limit}: raise the step's resources.memory, or use less`,
      final: false,
      counted: true,
    });
  }
  let how = error.message.split('\n')[0] ?? '';
  if (signal && signal !== 'null')
    how = signal === 'SIGKILL' ? "was killed (SIGKILL): by hand, or by the system's memory killer" : `was ended by ${signal}`;
  else if (code && code !== 'null') how = `ended with exit code ${code}`;
  if (tail.includes('heap out of memory'))
    how = 'ran out of JavaScript heap; give it more with NODE_OPTIONS=--max-old-space-size, or use less';
  return failed({ type: 'StepProcessDied', message: `${of} ${how} before the step was done`, final: false, counted: true });
}
