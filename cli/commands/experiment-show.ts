import { plot } from 'simple-ascii-chart';
import { joinSession } from '../../client/session.ts';
import {
  type Curve,
  type Database,
  type ExperimentRun,
  type ExperimentSummary,
  listExperiments,
  readExperiment,
} from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { bestText, number } from './experiment-list.ts';

interface ShowOptions {
  metric?: string;
  limit?: string;
  json?: boolean;
}

// Plots of one metric, where it is asked for: the newest runs'.
const PLOTS = 3;
const SIZE = { width: 60, height: 8 };
const CELL = 28;

/** `flowyml experiment show`: its runs with their params and metrics, and how the metrics went. */
export async function showExperiment(name: string, options: ShowOptions): Promise<void> {
  const limit = wholeNumber(options.limit, '--limit') ?? 20;
  const session = await joinSession(findProject());
  try {
    const summary = await requireExperiment(session.db, name);
    const { runs, curves } = await readExperiment(session.db, name, limit);
    const { metric } = options;
    const known = [...new Set([...Object.keys(summary.best), ...runs.flatMap((run) => Object.keys(run.metrics))])];
    if (metric !== undefined && !known.includes(metric))
      throw new UsageError(`experiment '${name}' has no metric '${metric}'${hint(metric, known)}`);
    const only = <T>(values: Record<string, T>): Record<string, T> =>
      metric === undefined ? values : Object.fromEntries(Object.entries(values).filter(([key]) => key === metric));
    const shown = runs.map((run) => ({ ...run, metrics: only(run.metrics) }));
    const best = only(summary.best);
    if (options.json) return printJson({ ...summary, best, runs: summary.runs, shown, curves: only(curves) });
    console.log(`Experiment ${name}: ${summary.runs} ${summary.runs === 1 ? 'run' : 'runs'}`);
    if (Object.keys(best).length) console.log(`Best: ${bestText(best)}  (↓ lower is better, ↑ higher)`);
    printRuns(shown);
    for (const [key, lines] of Object.entries(only(curves))) printCurves(key, lines, metric === undefined ? 1 : PLOTS);
  } finally {
    await session.close();
  }
}

async function requireExperiment(db: Database, name: string): Promise<ExperimentSummary> {
  const [found] = await listExperiments(db, name);
  if (found) return found;
  const names = (await listExperiments(db)).map((each) => each.name);
  throw new UsageError(`there is no experiment '${name}'${hint(name, names)}`);
}

/** A row a run. Params that are the same in all runs are said once, below. */
function printRuns(runs: readonly ExperimentRun[]): void {
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))];
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  const values = (name: string) => new Set(runs.map((run) => JSON.stringify(run.params[name])));
  const differ = params.filter((name) => runs.length === 1 || values(name).size > 1);
  console.log();
  printTable(
    ['RUN', 'STATUS', 'STARTED', ...differ, ...metrics],
    runs.map((run) => [
      run.runId,
      run.status ?? 'logged',
      run.startedAt.toISOString().slice(0, 19).replace('T', ' '),
      ...differ.map((name) => cell(run.params[name])),
      ...metrics.map((name) => (run.metrics[name] === undefined ? '' : number(run.metrics[name]))),
    ]),
  );
  const same = params.filter((name) => !differ.includes(name));
  if (same.length) console.log(`\nThe same in all runs: ${same.map((name) => `${name} = ${cell(runs[0]?.params[name])}`).join(', ')}`);
}

function cell(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text;
}

/** Plots of a metric, one a run: without colours, lines in one plot cannot be told apart. */
function printCurves(metric: string, lines: Record<string, Curve>, most: number): void {
  for (const [run, curve] of Object.entries(lines).slice(0, most)) {
    const drawn = thinned(curve);
    const values = drawn.map(([, value]) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max(Math.abs(low), 1) / 10;
    console.log(
      plot(drawn, {
        ...SIZE,
        title: `${metric}, run ${run}`,
        formatter: (value) => number(value),
        // Else each point has a mark of its own on both axes.
        customXAxisTicks: [drawn[0], drawn[Math.floor(drawn.length / 2)], drawn.at(-1)].flatMap((point) => (point ? [point[0]] : [])),
        customYAxisTicks: low === high ? [low] : [low, (low + high) / 2, high],
        // The library needs a range where a line is flat.
        ...(low === high ? { yRange: [low - room, high + room] as [number, number] } : {}),
      }).replace(/ +$/gm, ''),
    );
  }
}

/** As many points as there are columns, the last among them. */
const thinned = (curve: Curve): Curve => {
  const every = Math.ceil(curve.length / SIZE.width);
  return curve.filter((_, i) => (curve.length - 1 - i) % every === 0);
};
