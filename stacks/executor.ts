import { UsageError } from '../pipelines/errors.ts';
import type { ResourceOptions } from '../pipelines/resources.ts';

/** A worker that an executor is to start: it serves one task queue, and ends by itself when it has long been idle. */
export interface WorkerRequest {
  /** Unique among the workers of a project; letters, digits, `_`, `.` and `-`. */
  name: string;
  project: string;
  /** The project's folder on this machine. */
  root: string;
  queue: string;
  group: string;
  stack: string;
  /** What to run it in, where its stack has containers: an image with its digest, or an image's id. */
  image?: string;
  /** What holds each of the group's steps, of which it runs one at a time. */
  resources?: ResourceOptions;
  /** Variables that it needs; secrets are among them. */
  env: Record<string, string>;
  /** The arguments of the `flowyml` command that it runs in the project's folder. */
  args: string[];
  /** That command with its arguments, as this machine runs it: for workers that are processes here. */
  command: string[];
  /** Folders of local artifact stores that it reads and writes; absolute, on this machine. */
  folders: { path: string; writable: boolean }[];
  /** Files that it must be able to read in the same place: with them it logs in to clouds. */
  files: string[];
}

/** A worker that was started and has not ended. */
export interface RunningWorker {
  name: string;
  queue: string;
}

/** A worker that has ended. */
export interface EndedWorker extends RunningWorker {
  /** Why, where it did not end by itself: for the attempts that it took with it, and for the log. */
  reason?: string;
}

/**
 * Where a stack's workers run, beside those that people start. One worker of the project at a time looks after an
 * executor: it asks every second what runs, and starts what is missing. All of it may be called again after a crash: what
 * was started must be found by its project.
 */
export interface Executor {
  /** Starts a worker. Throws `CannotStart` where trying again would not help. */
  start(request: WorkerRequest): Promise<void>;
  running(project: { name: string; root: string }): Promise<RunningWorker[]>;
  /** The workers that have ended since it was asked last, by whichever process started them. */
  ended(project: { name: string; root: string }): Promise<EndedWorker[]>;
  /** Ends a worker: its step goes back to Temporal. One that is gone is no error. */
  stop(name: string): Promise<void>;
}

/** A worker that cannot be started as it is asked for, now or later: the steps that need it fail with this message. */
export class CannotStart extends UsageError {}

/** What the module of an executor of one's own exports by default. */
export type ExecutorFactory = (options: Record<string, unknown>, project: { name: string; root: string }) => Executor | Promise<Executor>;
