/** Names a run: the workflow's id, and the run id of its first execution (an id may be used again, later). */
export interface RunKey {
  runId: string;
  executionId: string;
}

/** Names a step of a run. */
export interface StepKey extends RunKey {
  step: string;
  /** Tells the batches of a map apart; the step itself unless given. */
  index?: number;
}

/** The index of a step that is not in parts. */
export const WHOLE = -1;
/** The index under which the attempts of a step's fallback stand. */
export const FALLBACK = -2;
