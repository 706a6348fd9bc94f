import type { JsonValue } from '../pipelines/json.ts';
import type { PlanRetry } from '../pipelines/plan.ts';
import type { ArtifactRef, ErrorInfo, MapCounts, RunResult } from '../pipelines/run-result.ts';
import type { StoreTarget } from '../stacks/stores/stack-stores.ts';

/** One call of a step's function, as it goes to the process that makes it. Plain data. */
export interface StepCall {
  /** The module that holds the pipeline, and the pipeline's name in it. */
  module: string;
  pipeline: string;
  /** Under what name the module exports it, where that is known. */
  exportName?: string | undefined;
  step: string;
  runId: string;
  attempt: number;
  /** ISO 8601: the time that the run stands for. */
  scheduledTime?: string;
  inputs: Record<string, ArtifactRef>;
  params: Record<string, JsonValue>;
  /** Where its artifacts lie. */
  store: StoreTarget;
  /** What an earlier attempt saved last. */
  checkpoint?: ArtifactRef;
  /** Call the step's fallback for this failure, in place of the step. */
  fallbackFor?: ErrorInfo & { attempts: number; durationMs: number };
  /** Call a map's function for these of its items. */
  batch?: BatchCall;
  /** Only decide whether the step runs; nothing is made. */
  decide?: true;
  /** For hooks: how the run ended. */
  result?: RunResult;
  /** The attempt's span, as W3C writes it, where traces are made. */
  traceparent?: string;
}

export interface BatchCall {
  index: number;
  from: number;
  /** The first item that is not part of the batch. */
  to: number;
  /** Of each item. */
  retry: PlanRetry;
  /** Whether an item that failed for good is left out, rather than fail the batch. */
  collect: boolean;
  /** Results that are known already, by the item's place in the batch. */
  known?: Record<number, Record<string, JsonValue>>;
}

/** What a step's function reports while it runs. */
export type StepEvent =
  | { kind: 'output'; stream: 'stdout' | 'stderr'; text: string }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; text: string }
  | { kind: 'metric'; name: string; value: number; point: number | null }
  | { kind: 'progress'; fraction: number; message: string | undefined };

/** An error as it comes out of a step's process. */
export interface StepFailure {
  /** The error's name, such as `TypeError`. */
  type: string;
  message: string;
  /** For the log: frames of the user's code. */
  stack?: string;
  /** True where trying again cannot help. */
  final: boolean;
  /** False where the failure is not the step's: it uses up no attempt. */
  counted: boolean;
  retryAfterMs?: number;
  /** The hash of the artifact whose bytes are gone or wrong, where that is what failed. */
  artifact?: string;
}

export type StepCallResult =
  | {
      ok: true;
      outputs: Record<string, ArtifactRef> /** Its `when` said no. */;
      skipped?: true;
      /** Its process loaded files that had changed since the worker read them: what it ran is not what the worker knows. */
      otherCode?: true;
      map?: MapCounts;
      /** What a batch made anew, by the item's place in it. */
      fresh?: Record<number, Record<string, JsonValue>>;
    }
  | { ok: false; failure: StepFailure };

export interface StepCallOptions {
  /** Ends the call: first by the step's AbortSignal, then by ending its process. The reason is not looked at. */
  signal: AbortSignal;
  timeoutMs?: number | undefined;
  /** Of the process as a whole. */
  memoryBytes?: number | undefined;
  onEvent(event: StepEvent): void;
  /** Keeps what the step saved; the step goes on when it is kept. */
  onCheckpoint(ref: ArtifactRef): Promise<void>;
}

/** Runs step functions away from the event loop that speaks with Temporal. */
export interface StepRunner {
  /** Never rejects for what a step does; a call that was ended by its signal comes back as a failure. */
  run(call: StepCall, options: StepCallOptions): Promise<StepCallResult>;
}
