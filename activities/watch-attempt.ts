import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { StepReport } from '../pipelines/protocol.ts';
import type { ErrorInfo } from '../pipelines/run-result.ts';
import { type AttemptOutcome, type AttemptPlace, type LineLevel, type Observer, runPlace } from './observer.ts';
import type { StepEvent } from './step-runner.ts';

export interface WatchedAttempt {
  step: string;
  attempt: number;
  batch?: number | undefined;
  /** Its end, if it is one, is the step's. */
  endsStep: boolean;
  /** A failure is not the step's end: its fallback comes next. */
  failureIsNoEnd?: boolean | undefined;
  /** The cache was asked for it, and had nothing. */
  missed: boolean;
}

/** Makes an attempt while the observer sees how it begins and ends. `work` gets the name of its span, where there is one. */
export async function watchAttempt(
  observer: Observer,
  { step, attempt, batch, endsStep, failureIsNoEnd, missed }: WatchedAttempt,
  work: (traceparent: string | undefined) => Promise<StepReport>,
): Promise<StepReport> {
  const info = activityInfo();
  const run = runPlace();
  const place: AttemptPlace = { ...run, step, attempt, queue: info.taskQueue, ...(batch === undefined ? {} : { batch }) };
  const began = performance.now();
  const durationMs = () => Math.round(performance.now() - began);
  if (missed) observer.take({ kind: 'cacheAsked', ...run, step, hit: false });
  observer.take({ kind: 'attemptStarted', ...place, waitedMs: waitedMs() });
  try {
    const report = await (observer.traces ? observer.traces.attempt(place, work) : work(undefined));
    const { status, reason } = report;
    const outcome = status === 'skipped' ? 'skipped' : 'succeeded';
    observer.take({ kind: 'attemptEnded', ...place, outcome, durationMs: durationMs() });
    const why = reason === undefined ? {} : { reason };
    if (endsStep) observer.take({ kind: 'stepEnded', ...run, step, status, durationMs: report.durationMs, ...why });
    return report;
  } catch (thrown) {
    const outcome = outcomeOf(thrown);
    observer.take({ kind: 'attemptEnded', ...place, outcome, durationMs: durationMs(), error: errorOf(thrown) });
    if (endsStep && outcome === 'failed' && !failureIsNoEnd && !makesInputAgain(thrown))
      observer.take({ kind: 'stepEnded', ...run, step, status: 'failed', durationMs: facts(thrown).durationMs ?? durationMs() });
    throw thrown;
  }
}

const begun = new WeakSet<Context>();

/** How long an activity's task waited for a worker, for the first of its steps: a segment's others wait for nobody. */
function waitedMs(): number {
  const context = Context.current();
  if (begun.has(context)) return 0;
  begun.add(context);
  // The clocks of the server and of this machine may differ.
  return Math.max(0, Date.now() - context.info.currentAttemptScheduledTimestampMs);
}

function outcomeOf(thrown: unknown): AttemptOutcome {
  if (thrown instanceof CancelledFailure) return 'cancelled';
  if (!(thrown instanceof ApplicationFailure)) return 'retried';
  if (thrown.nonRetryable) return 'failed';
  return ['WorkerShutdown', 'Superseded', 'Interrupted'].includes(thrown.type ?? '') ? 'interrupted' : 'retried';
}

function errorOf(thrown: unknown): ErrorInfo {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { type: (thrown instanceof ApplicationFailure && thrown.type) || name, message };
}

/** What an attempt's failure carries along. */
const facts = (thrown: unknown) =>
  ((thrown instanceof ApplicationFailure && thrown.details?.[0]) || {}) as { durationMs?: number; artifact?: string };

/** An input that is corrupt is made again, and then the step is tried again. */
const makesInputAgain = (thrown: unknown) => facts(thrown).artifact !== undefined;

/** Passes what a step prints and logs on, line by line, to who wants it. */
export function lineWatcher(observer: Observer, step: string, attempt: number): (event: StepEvent) => void {
  if (!observer.wantsLines) return () => {};
  const place: AttemptPlace = { ...runPlace(), step, attempt, queue: activityInfo().taskQueue };
  const partial = { stdout: '', stderr: '' };
  const say = (level: LineLevel, text: string) => observer.take({ kind: 'stepLine', ...place, level, text });
  return (event) => {
    if (event.kind === 'log') say(event.level, event.text);
    if (event.kind !== 'output') return;
    const lines = (partial[event.stream] + event.text).split('\n');
    partial[event.stream] = lines.pop() ?? '';
    for (const line of lines) say(event.stream === 'stderr' ? 'warn' : 'info', line);
  };
}
