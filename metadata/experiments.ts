import { sql } from 'drizzle-orm';
import type postgres from 'postgres';
import type { JsonValue } from '../pipelines/json.ts';
import type { RunStatus } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import { experimentRuns } from './schema.ts';
import { storable } from './text.ts';

/** The best that any run of an experiment reached. */
export interface BestMetric {
  value: number;
  /** Which way is better: known by the metric's name. */
  better: 'lower' | 'higher';
  run: string;
}

export interface ExperimentSummary {
  name: string;
  runs: number;
  lastRunAt: Date;
  best: Record<string, BestMetric>;
}

/** A run as its experiment knows it. */
export interface ExperimentRun {
  runId: string;
  /** Absent where all that is known of it was logged from elsewhere. */
  pipeline?: string;
  status?: RunStatus;
  startedAt: Date;
  params: Record<string, JsonValue>;
  /** The last value of each. */
  metrics: Record<string, number>;
}

/** The values of a metric over its steps, thinned out where there are many. */
export type Curve = [point: number, value: number][];

const LOWER = new Set(['loss', 'error', 'err', 'mae', 'mse', 'rmse', 'mape']);
const CURVE_POINTS = 500;

/** Whether a metric is the better the lower it is: one that names a loss or an error, as `val_loss` and `testRmse` do. */
export const lowerIsBetter = (metric: string): boolean =>
  metric
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => LOWER.has(word));

/**
 * What belongs to experiments: a run of flowyml by its row, the newest where its id was used again, and whatever was
 * logged from elsewhere. A pipeline that opted out has no experiment: nothing is shown of its runs but what was logged.
 */
const members = (client: postgres.Sql, name: string | undefined) => client`
  latest as (select distinct on (run_id) * from flowyml.runs order by run_id, started_at desc),
  members as (
    select coalesce(l.experiment, e.experiment) as experiment, coalesce(l.run_id, e.run_id) as run_id, coalesce(r.started_at, e.logged_at) as at,
      r.execution_id, r.pipeline, r.status, case when r.experiment is null then '{}'::jsonb else r.params end || coalesce(e.params, '{}'::jsonb) as params,
      e.metrics as logged, r.experiment is not null as tracked
    from (select * from latest where experiment is not null) l
    full join flowyml.experiment_runs e on e.experiment = l.experiment and e.run_id = l.run_id
    left join latest r on r.run_id = coalesce(l.run_id, e.run_id)
    where ${name ?? null}::text is null or coalesce(l.experiment, e.experiment) = ${name ?? null}
  )`;

/** The numbers that a run's `metrics()` outputs hold, and those that were logged. They win over what steps measured. */
const stated = (client: postgres.Sql) => client`
  stated as (
    select m.experiment, m.run_id, n.key as name, n.value::text::float8 as value, 2 as rank, extract(epoch from s.ended_at) as place
    from members m join flowyml.steps s on s.run_id = m.run_id and s.execution_id = m.execution_id and m.tracked,
      jsonb_each(s.outputs) as o(output, ref),
      jsonb_each(case when ref->'asset'->>'kind' = 'metrics' and jsonb_typeof(ref->'value') = 'object' then ref->'value' else '{}'::jsonb end) as n
    where jsonb_typeof(n.value) = 'number'
    union all
    select m.experiment, m.run_id, n.key, n.value::text::float8, 1, 0 from members m, jsonb_each(coalesce(m.logged, '{}'::jsonb)) as n
  )`;

/** All experiments, or the one of that name: their runs, and the best of each metric. The last that ran comes first. */
export async function listExperiments(db: Database, name?: string): Promise<ExperimentSummary[]> {
  const { client } = db;
  const rows = await client<{ name: string; runs: number; last: Date | string; metrics: Extreme[] | null }[]>`
    with ${members(client, name)}, ${stated(client)}, finals as (
      select distinct on (experiment, run_id, name) experiment, run_id, name, value from (
        select * from stated
        union all
        select m.experiment, m.run_id, v.name, v.value, 3, v.id from members m
          join flowyml.metrics v on v.run_id = m.run_id and v.execution_id = m.execution_id and m.tracked
      ) as values_ order by experiment, run_id, name, rank, place desc
    ), extremes as (
      select experiment, name, min(value) as low, max(value) as high, (array_agg(run_id order by value))[1] as low_run, (array_agg(run_id order by value desc))[1] as high_run
      from finals group by experiment, name
    )
    select experiment as name, count(*)::int as runs, max(at) as last,
      (select json_agg(x order by x.name) from extremes x where x.experiment = m.experiment) as metrics
    from members m group by experiment order by max(at) desc`;
  return rows.map((row) => ({
    name: row.name,
    runs: row.runs,
    lastRunAt: new Date(row.last),
    best: Object.fromEntries((row.metrics ?? []).map((metric) => [metric.name, bestOf(metric)])),
  }));
}

interface Extreme {
  name: string;
  low: number;
  high: number;
  low_run: string;
  high_run: string;
}

const bestOf = ({ name, low, high, low_run, high_run }: Extreme): BestMetric =>
  lowerIsBetter(name) ? { value: low, better: 'lower', run: low_run } : { value: high, better: 'higher', run: high_run };

interface RunsRow {
  run_id: string;
  pipeline: string | null;
  status: RunStatus | null;
  at: Date | string;
  params: Record<string, JsonValue>;
  stated: { name: string; value: number; rank: number; place: number }[] | null;
  curves: { step: string; name: string; last: number; points: Curve }[] | null;
}

/** The newest runs of an experiment, with what was measured in them: also by steps that the cache answered, when they ran. */
export async function readExperiment(
  db: Database,
  name: string,
  limit: number,
): Promise<{ runs: ExperimentRun[]; curves: Record<string, Record<string, Curve>> }> {
  const { client } = db;
  const rows = await client<RunsRow[]>`
    with ${members(client, name)}, shown as (select * from members order by at desc limit ${limit}), ${stated(client)}, sources as (
      select run_id, run_id as source, execution_id as execution, null as step from shown where tracked
      union all
      select m.run_id, s.facts->>'reusedFrom', (select r.execution_id from latest r where r.run_id = s.facts->>'reusedFrom'), s.step
      from shown m join flowyml.steps s on s.run_id = m.run_id and s.execution_id = m.execution_id and m.tracked
      where s.index = -1 and s.facts ? 'reusedFrom'
      union all
      select m.run_id, o.run_id, o.execution_id, s.step
      from shown m join flowyml.steps s on s.run_id = m.run_id and s.execution_id = m.execution_id and m.tracked,
      lateral (
        select e.run_id, e.execution_id from flowyml.lineage l
          join flowyml.steps e on e.run_id = l.run_id and e.execution_id = l.execution_id and e.step = l.step and e.index = -1 and e.status = 'succeeded'
        where l.direction = 'out' and l.step = s.step and l.index = -1 and l.sha256 in (select ref->>'sha256' from jsonb_each(s.outputs) as x(output, ref))
        order by e.ended_at desc limit 1
      ) as o
      where s.index = -1 and s.status = 'cached'
    ), measured as (
      select c.run_id, v.step, v.name, v.id, v.value, v.point, v.attempt = max(v.attempt) over (partition by c.run_id, v.step, v.index) as counts
      from sources c join flowyml.metrics v on v.run_id = c.source and v.execution_id = c.execution and (c.step is null or v.step = c.step)
    ), placed as (
      select *, row_number() over line as place, count(*) over (partition by run_id, step, name) as many
      from measured where counts window line as (partition by run_id, step, name order by id)
    ), curves as (
      select run_id, step, name, max(id) as last, json_agg(json_build_array(coalesce(point, place), value) order by place) as points
      from placed where place = many or (place - 1) % ceil(many / ${CURVE_POINTS}::float8)::int = 0 group by run_id, step, name
    )
    select m.run_id, m.pipeline, m.status, m.at, m.params,
      (select json_agg(x) from stated x where x.run_id = m.run_id) as stated,
      (select json_agg(x order by x.last) from curves x where x.run_id = m.run_id) as curves
    from shown m order by m.at desc`;
  const curves: Record<string, Record<string, Curve>> = {};
  const runs = rows.map((row): ExperimentRun => {
    const metrics: Record<string, number> = {};
    for (const { name: metric, points } of row.curves ?? []) {
      metrics[metric] = points.at(-1)?.[1] ?? Number.NaN;
      // Where two steps of a run measure under one name, the one that did so last counts.
      if (points.length > 1) curves[metric] = { ...curves[metric], [row.run_id]: points };
    }
    for (const { name: metric, value } of (row.stated ?? []).sort((a, b) => b.rank - a.rank || a.place - b.place)) metrics[metric] = value;
    return {
      runId: row.run_id,
      ...(row.pipeline === null ? {} : { pipeline: row.pipeline }),
      ...(row.status === null ? {} : { status: row.status }),
      startedAt: new Date(row.at),
      params: row.params,
      metrics,
    };
  });
  return { runs, curves };
}

/** Keeps what is known of a run from elsewhere. What was logged of it before stays, but for values of the same name. */
export async function logExperimentRun(
  db: Database,
  experiment: string,
  runId: string,
  values: { metrics: Record<string, number>; params: Record<string, JsonValue> },
): Promise<void> {
  const names = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).map(([key, value]) => [storable(key), value]));
  await db.orm
    .insert(experimentRuns)
    .values({ experiment: storable(experiment), runId: storable(runId), metrics: names(values.metrics), params: names(values.params) })
    .onConflictDoUpdate({
      target: [experimentRuns.experiment, experimentRuns.runId],
      set: {
        metrics: sql`${experimentRuns.metrics} || excluded.metrics`,
        params: sql`${experimentRuns.params} || excluded.params`,
        loggedAt: sql`now()`,
      },
    });
}
