import type { JsonValue } from '../pipelines/json.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';

/** One call of a step's function, as it goes to the process that makes it. Plain data. */
export interface StepCall {
  /** The module that holds the pipeline, and the pipeline's name in it. */
  module: string;
  pipeline: string;
  step: string;
  runId: string;
  attempt: number;
  inputs: Record<string, ArtifactRef>;
  params: Record<string, JsonValue>;
  /** The folder of the local artifact store. */
  store: string;
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
}

export type StepCallResult = { ok: true; outputs: Record<string, ArtifactRef> } | { ok: false; failure: StepFailure };

export interface StepCallOptions {
  /** Ends the call: first by the step's AbortSignal, then by ending its process. The reason is not looked at. */
  signal: AbortSignal;
  timeoutMs?: number | undefined;
  /** Of the process as a whole. */
  memoryBytes?: number | undefined;
  onEvent(event: StepEvent): void;
}

/** Runs step functions away from the event loop that speaks with Temporal. */
export interface StepRunner {
  /** Never rejects for what a step does; a call that was ended by its signal comes back as a failure. */
  run(call: StepCall, options: StepCallOptions): Promise<StepCallResult>;
}
