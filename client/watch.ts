import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type AttemptRow, type Database, findRun, type RunRow } from '../metadata/index.ts';
import { isOpen, type RunStatus, type StepResult, type StepStatus } from '../pipelines/run-result.ts';
import { describeRun } from './describe-run.ts';
import { findAnyRun } from './find-run.ts';
import { reconcile } from './reconcile.ts';

const POLL_MS = 200;
// Only Temporal knows of a run that was ended from outside; asking it costs more than a look into the database.
const RECONCILE_MS = 2_000;

/** Something that changed in a run. */
export type RunChange = StepChange | RunStatusChange;

export interface StepChange {
  type: 'step';
  step: string;
  status: StepStatus;
  /** Undefined for what had happened before the watch began. */
  previous?: StepStatus;
  /** How far its function says that it is, from 0 to 1, with its words. */
  progress?: { fraction: number; message?: string };
  result: StepResult;
}

export interface RunStatusChange {
  type: 'run';
  status: RunStatus;
  previous?: RunStatus;
  /** Why it waits for a worker, or ended before it was planned. */
  reason?: string;
}

export interface WatchOptions {
  /** Ends the watch; the run goes on. */
  signal?: AbortSignal;
}

/**
 * Gives what changes in a run until it ends: first how things stand, then each change of a step's status, attempts or
 * progress, and of the run's own status. A change that is undone within a fifth of a second may go unseen.
 * @throws UsageError if there is no such run
 */
export async function* watchRun(
  client: Client,
  db: Database,
  runId: string,
  { signal }: WatchOptions = {},
): AsyncGenerator<RunChange, void, undefined> {
  const seen = new Map<string, { state: string; status: StepStatus }>();
  let status: RunStatus | undefined;
  let reconciled = 0;
  while (!signal?.aborted) {
    let row: RunRow | undefined = await findRun(db, runId);
    if (!row) {
      const found = await findAnyRun(client, db, runId);
      if ('waiting' in found) {
        const change = statusChange(found.waiting.status, status, found.reason);
        status = found.waiting.status;
        if (change) yield change;
        if (!isOpen(status)) return;
        await pause(signal);
        continue;
      }
      row = found.row;
    }
    if (Date.now() - reconciled > RECONCILE_MS) {
      row = await reconcile(client, db, row);
      reconciled = Date.now();
    }
    const { result, attempts } = await describeRun(db, row);
    for (const [step, now] of Object.entries(result.steps)) {
      const progress = progressOf(step, now, attempts);
      const state = JSON.stringify([now.status, now.attempts, now.reason, progress]);
      const before = seen.get(step);
      if (before?.state === state || (!before && now.status === 'pending')) continue;
      seen.set(step, { state, status: now.status });
      yield {
        type: 'step',
        step,
        status: now.status,
        ...(before ? { previous: before.status } : {}),
        ...(progress ? { progress } : {}),
        result: now,
      };
    }
    const change = statusChange(result.status, status);
    status = result.status;
    if (change) yield change;
    if (!isOpen(status)) return;
    await pause(signal);
  }
}

function statusChange(status: RunStatus, previous: RunStatus | undefined, reason?: string): RunStatusChange | undefined {
  if (status === previous) return undefined;
  return { type: 'run', status, ...(previous ? { previous } : {}), ...(reason ? { reason } : {}) };
}

function progressOf(step: string, { status }: StepResult, attempts: readonly AttemptRow[]): StepChange['progress'] {
  const last = status === 'running' ? attempts.filter((attempt) => attempt.step === step).at(-1) : undefined;
  if (last?.progress == null) return undefined;
  return { fraction: last.progress, ...(last.progressMessage ? { message: last.progressMessage } : {}) };
}

const pause = (signal: AbortSignal | undefined) => wait(POLL_MS, undefined, signal ? { signal } : {}).catch(() => {});
