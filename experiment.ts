import { UsageError } from './pipelines/errors.ts';
import type { JsonValue } from './pipelines/json.ts';

/** What is known of a run. */
export interface ExperimentValues {
  /** Finite numbers, by name. */
  metrics?: Readonly<Record<string, number>>;
  parameters?: Readonly<Record<string, JsonValue>>;
}

/**
 * An experiment: runs that are compared. Runs of flowyml belong to one by themselves (`experiment` of the run, else their
 * pipeline's name); this adds what comes from elsewhere. It works wherever the project's services can be reached, as for
 * `createClient()`: in a step, a script or a notebook.
 *
 * @example
 * await new Experiment('fraud-detection-v3').logRun(run.runId, { metrics: { auc: 0.93 }, parameters: { model_uri } });
 */
export class Experiment {
  readonly name: string;
  private readonly folder: string | undefined;

  /**
   * `project` is a folder in the project; the working folder unless given.
   * @throws UsageError for a name that is no text
   */
  constructor(name: string, options: { project?: string } = {}) {
    this.name = text(name, 'an experiment has a name');
    this.folder = options.project;
  }

  /**
   * Keeps metrics and parameters of a run: one of flowyml, or any other that the id names. What was logged of the run
   * before stays, but for values of the same name. To be awaited: a step's process ends with the step.
   * @throws UsageError for values that cannot be kept, or if the project's services do not run
   * @throws ServiceUnavailable if they cannot be reached
   */
  async logRun(runId: string, values: ExperimentValues = {}): Promise<void> {
    const id = text(runId, `experiment '${this.name}': a run has an id`);
    const unknown = Object.keys(values).find((key) => key !== 'metrics' && key !== 'parameters');
    if (unknown !== undefined) throw new UsageError(`experiment '${this.name}': '${unknown}' is neither metrics nor parameters`);
    const { metrics = {}, parameters = {} } = values;
    for (const [name, value] of Object.entries(metrics)) {
      if (typeof value !== 'number' || !Number.isFinite(value))
        throw new UsageError(`experiment '${this.name}': metric '${name}': expected a finite number, received ${String(value)}`);
    }
    const params = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, this.json(name, value)]));
    const [{ joinSession }, { findProject }, { logExperimentRun }] = await Promise.all([
      import('./client/session.ts'),
      import('./stacks/project.ts'),
      import('./metadata/index.ts'),
    ]);
    const session = await joinSession(findProject(this.folder));
    try {
      await logExperimentRun(session.db, this.name, id, { metrics, params });
    } finally {
      await session.close();
    }
  }

  private json(name: string, value: unknown): JsonValue {
    const json = JSON.stringify(value);
    if (json !== undefined && !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(json)) return JSON.parse(json) as JsonValue;
    throw new UsageError(`experiment '${this.name}': parameter '${name}' is nothing that JSON and PostgreSQL can hold`);
  }
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string' && value.trim() && value.length <= 256) return value;
  throw new UsageError(`${what}: expected a text of 1 to 256 characters, received ${JSON.stringify(value)}`);
}
