/** Names a run: the workflow's id, and the run id of its first execution (an id may be used again, later). */
export interface RunKey {
  runId: string;
  executionId: string;
}

/** Names a step of a run. */
export interface StepKey extends RunKey {
  step: string;
}
