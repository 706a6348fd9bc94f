import { joinSession } from '../../client/session.ts';
import { type BestMetric, listExperiments } from '../../metadata/index.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson, printTable } from '../output.ts';

/** `flowyml experiment list`: the experiments, and the best that a run of each reached. */
export async function listAllExperiments(options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const experiments = await listExperiments(session.db);
    if (options.json) return printJson(experiments);
    if (!experiments.length) return console.log('No experiments yet: each run belongs to one, unless its pipeline opted out');
    printTable(
      ['EXPERIMENT', 'RUNS', 'LAST RUN', 'BEST'],
      experiments.map(({ name, runs, lastRunAt, best }) => [
        name,
        runs,
        lastRunAt.toISOString().slice(0, 19).replace('T', ' '),
        bestText(best),
      ]),
    );
  } finally {
    await session.close();
  }
}

/** Each metric's best, with an arrow for the way that is better. */
export const bestText = (best: Record<string, BestMetric>) =>
  Object.entries(best)
    .map(([name, { value, better }]) => `${name} ${number(value)} ${better === 'lower' ? '↓' : '↑'}`)
    .join(', ');

export const number = (value: number) => String(Number(value.toPrecision(5)));
