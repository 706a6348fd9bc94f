import { ApplicationFailure } from '@temporalio/common';
import { type Database, findPlan, findRun, type RunKey } from '../metadata/index.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { Plan, PlanStep } from '../pipelines/plan.ts';
import { USUAL_PRIORITY } from '../pipelines/priority.ts';
import type { RunRequest } from '../pipelines/run-request.ts';

/** What the steps of one run share: the plan as it was when the run began, and its params. */
export interface RunContext {
  steps: ReadonlyMap<string, PlanStep>;
  /** Its stacks. */
  plan: Pick<Plan, 'stack' | 'stacks'>;
  params: Record<string, JsonValue>;
  request: RunRequest;
  /** From 1, which goes first, to 5. */
  priority: number;
}

const KEPT = 200;

/** Reads runs' plans, and remembers those of the last few hundred runs. */
export class RunContexts {
  private readonly contexts = new Map<string, Promise<RunContext>>();

  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  /** @throws ApplicationFailure, non-retryable, if the database does not know the run */
  of(run: RunKey): Promise<RunContext> {
    const key = `${run.runId}\n${run.executionId}`;
    let context = this.contexts.get(key);
    if (!context) {
      context = this.read(run);
      context.catch(() => this.contexts.delete(key));
      this.contexts.set(key, context);
      const [oldest] = this.contexts.keys();
      if (this.contexts.size > KEPT && oldest !== undefined) this.contexts.delete(oldest);
    }
    return context;
  }

  private async read(run: RunKey): Promise<RunContext> {
    const row = await findRun(this.db, run.runId, run.executionId);
    const plan = row && (await findPlan(this.db, row.planHash));
    if (!row || !plan) {
      throw ApplicationFailure.nonRetryable(
        `run '${run.runId}' is not in the database that this worker uses: do all workers use the same one?`,
        'UnknownRun',
      );
    }
    const { request, params } = row;
    const priority = request.priority ?? plan.priority ?? USUAL_PRIORITY;
    return { steps: new Map(plan.steps.map((step) => [step.name, step])), plan, params, request, priority };
  }
}
