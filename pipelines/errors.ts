/** What every error of flowyml is: a message for a person, a `code` for a program, and whether trying again can help. */
export abstract class FlowymlError extends Error {
  abstract readonly code: string;
  /** False where the same attempt made again would fail in the same way. */
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A mistake in how flowyml was called: a wrong argument, file or setting. The command ends with exit code 2. */
export class UsageError extends FlowymlError {
  readonly code = 'USAGE';
}

/** A pipeline, or a run's params, that cannot be planned. Holds every problem found, not only the first. */
export class PlanError extends FlowymlError {
  readonly code = 'PLAN';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    const list = problems.length === 1 ? ` ${problems[0]}` : problems.map((p) => `\n  - ${p}`).join('');
    super(`${subject}:${list}`);
    this.problems = problems;
  }
}

/** A step whose function threw, or whose output did not fit its declaration. */
export class StepError extends FlowymlError {
  readonly code: string = 'STEP';
  override readonly retryable: boolean = true;
}

/** Thrown by a step: this failure is final, whatever the step's `retry` says. */
export class NonRetryableError extends FlowymlError {
  readonly code = 'NON_RETRYABLE';
}

/** Thrown by a step: try again, after `retryAfter` (milliseconds or a string such as `'30 s'`) instead of the step's backoff. */
export class RetryableError extends FlowymlError {
  readonly code = 'RETRYABLE';
  override readonly retryable = true;
  readonly retryAfter: number | string | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfter?: number | string } = {}) {
    super(message, options);
    this.retryAfter = options.retryAfter;
  }
}

/** An output that breaks its schema. Trying again may produce another value, so it uses up an attempt like any error. */
export class OutputInvalid extends StepError {
  override readonly code = 'OUTPUT_INVALID';
}

/** An attempt that ran longer than the step's `timeout`. */
export class StepTimeout extends StepError {
  override readonly code = 'STEP_TIMEOUT';
}

/** The process of an attempt ended by itself: a crash, `process.exit()`, or the system's memory killer. */
export class StepProcessDied extends StepError {
  override readonly code = 'STEP_PROCESS_DIED';
}

/** An attempt that used more memory than the step's `resources.memory`. */
export class MemoryExceeded extends StepError {
  override readonly code = 'MEMORY_EXCEEDED';
}

/** The worker was lost five times in a row while it ran one step: the step itself seems to kill it. */
export class WorkerLost extends FlowymlError {
  readonly code = 'WORKER_LOST';
}

/** An artifact whose bytes are gone, or no longer have the hash under which they were stored. */
export class ArtifactCorrupt extends FlowymlError {
  readonly code = 'ARTIFACT_CORRUPT';
}

/** An asset's version that was declared immutable, and holds other content. */
export class AssetImmutable extends FlowymlError {
  readonly code = 'ASSET_IMMUTABLE';
}

/** A service that flowyml needs (Temporal, PostgreSQL) could not be reached or started. */
export class ServiceUnavailable extends FlowymlError {
  readonly code = 'SERVICE_UNAVAILABLE';
  override readonly retryable = true;
}
