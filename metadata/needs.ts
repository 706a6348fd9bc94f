import { and, eq, like, sql } from 'drizzle-orm';
import type { PlanWorkers } from '../pipelines/plan.ts';
import type { Database } from './database.ts';
import { WHOLE } from './keys.ts';
import { attempts } from './schema.ts';
import { storable } from './text.ts';

/** The workers that open runs need for steps that have not ended, by task queue: of a project, whose name begins its queues. */
export async function neededWorkers(db: Database, project: string): Promise<Map<string, PlanWorkers>> {
  const rows = await db.client<{ queue: string; workers: PlanWorkers }[]>`
    select distinct on (each.key) each.key as queue, each.value as workers
    from flowyml.runs join flowyml.plans on plans.hash = runs.plan_hash, jsonb_each(plans.plan -> 'workers') as each
    where runs.status in ('running', 'waiting', 'paused') and plans.plan ? 'workers' and starts_with(each.key, ${`${project}.`})
      and exists (
        select from jsonb_array_elements(plans.plan -> 'steps') as planned where planned ->> 'taskQueue' = each.key and not exists (
          select from flowyml.steps where steps.run_id = runs.run_id and steps.execution_id = runs.execution_id
            and steps.step = planned ->> 'name' and steps.index = ${WHOLE}))
    order by each.key, runs.started_at desc`;
  return new Map(rows.map(({ queue, workers }) => [queue, workers]));
}

/** Says of the attempts that a worker took with it why it ended. `worker` begins the names that it went by. */
export async function explainLost(db: Database, worker: string, reason: string): Promise<void> {
  await db.orm
    .update(attempts)
    .set({ error: { type: 'WorkerEnded', message: storable(reason) } })
    .where(and(like(attempts.worker, sql`${worker.replace(/[\\%_]/g, '\\$&')} || ':%'`), eq(attempts.status, 'running')));
}
