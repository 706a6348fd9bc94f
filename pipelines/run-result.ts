import type { JsonObject, JsonValue } from './json.ts';

/** Points to an artifact: what travels through Temporal in place of its bytes. */
export interface ArtifactRef {
  /** Of the bytes, in hex. For a directory: of its manifest. */
  sha256: string;
  /** `json`, `table`, `bytes`, `file`, `directory`, `dataset<table>`, … */
  type: string;
  /** In bytes. */
  size: number;
  /** Where the bytes are; absent where `value` holds them. */
  uri?: string;
  /** The value itself, where its JSON is at most 4 KiB. */
  value?: JsonValue;
  /** A short text for people: `[1,2,3]`, `3,000,000 rows × 5 columns`. */
  preview?: string;
  /** How many rows a table has, or how many elements an array. */
  rows?: number;
  /** The bytes list this many further artifacts, whose arrays follow each other: what a map makes. */
  parts?: number;
  asset?: AssetInfo;
}

/** What makes an artifact an asset. `parents` are the hashes of the assets it was made from. */
export interface AssetInfo {
  kind: string;
  name: string;
  version?: string;
  /** Counts the contents that were kept under one version, from 1; known once the step's end is kept. */
  revision?: number;
  /** Other content under this version is an error. */
  immutable?: true;
  properties: JsonObject;
  tags: Record<string, string>;
  parents: string[];
}

export type OpenRunStatus = 'running' | 'waiting' | 'paused';
export type RunStatus = OpenRunStatus | 'succeeded' | 'failed' | 'cancelled';
export type OpenStepStatus = 'pending' | 'running' | 'waiting';
export type StepStatus = OpenStepStatus | 'succeeded' | 'cached' | 'skipped' | 'failed' | 'cancelled';

/** An error as it is kept: what a person needs, without the stack. */
export interface ErrorInfo {
  /** The error's name, such as `TypeError` or `StepTimeout`. */
  type: string;
  message: string;
}

export interface StepResult {
  status: StepStatus;
  /** Why it was skipped or cancelled, or waits. */
  reason?: string;
  /** How often its function was started; 0 where it never was. */
  attempts: number;
  durationMs: number;
  group?: string;
  stack?: string;
  /** Its outputs are those of its fallback; `error` says what the step itself failed with. */
  fallback?: true;
  /** The run whose result it took over. */
  reusedFrom?: string;
  approval?: ApprovalDecision;
  map?: MapCounts;
  /** It ran with other code than the run was planned with: a deployment came between. */
  codeChanged?: CodeChange;
  outputs: Record<string, ArtifactRef>;
  error?: ErrorInfo;
}

/** The first digits of two code identities; `ran` is `unknown` where files were changed under a worker. */
export interface CodeChange {
  planned: string;
  ran: string;
}

/** What was decided, by whom and why. */
export interface ApprovalDecision {
  decision: 'approved' | 'rejected';
  by: string;
  comment?: string;
  /** ISO 8601, UTC. */
  at: string;
}

/** How a map's items fared. */
export interface MapCounts {
  items: number;
  failed: number;
  /** Items whose results an earlier run had made. */
  cached?: number;
  /** Why items failed: the first of them. */
  errors?: { index: number; error: ErrorInfo }[];
}

/** The outcome of a run: the workflow's result, and what `flowyml run --json` prints. */
export interface RunResult {
  runId: string;
  pipeline: string;
  version: string;
  project: string;
  stack: string;
  status: RunStatus;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
  steps: Record<string, StepResult>;
  /** Set where the result was too large for Temporal and its steps' outputs were left out: ask `runs show`. */
  outputsOmitted?: true;
}

export const isOpen = (status: RunStatus): status is OpenRunStatus => status === 'running' || status === 'waiting' || status === 'paused';
