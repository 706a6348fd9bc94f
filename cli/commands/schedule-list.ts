import { printJson, printTable } from '../output.ts';
import { inZone, when } from './schedule-format.ts';
import { withSchedules } from './schedule-target.ts';

/** `flowyml schedule list`: the project's schedules. */
export async function listSchedules({ json }: { json?: boolean }): Promise<void> {
  await withSchedules(async (all) => {
    const found = await all.list();
    if (json) printJson(found);
    else if (!found.length) console.log('No schedules.');
    else
      printTable(
        ['SCHEDULE', 'PIPELINE', 'RUNS', 'STATE', 'NEXT', 'MADE BY'],
        found.map((each) => {
          const [next] = each.next;
          const state = each.paused ? 'paused' : 'active';
          return [each.name, each.pipeline, when(each), state, next && !each.paused ? inZone(next, each.timezone) : '-', each.source];
        }),
      );
  });
}
