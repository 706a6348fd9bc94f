import type { ScheduleDetails } from '../../client/schedules/index.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { inZone, printSchedule } from './schedule-format.ts';
import { withSchedules } from './schedule-target.ts';

/** `flowyml schedule show`: what a schedule does, has done and has left out. */
export async function showSchedule(name: string, options: { runs: string; json?: boolean }): Promise<void> {
  const runs = wholeNumber(options.runs, '--runs') ?? 10;
  await withSchedules(async (all) => {
    const found = await all.show(name, { runs });
    if (options.json) printJson(found);
    else print(found);
  });
}

function print(found: ScheduleDetails): void {
  console.log(`Schedule ${found.name}, made by ${found.source === 'code' ? "the pipeline's code" : 'command'}`);
  printSchedule(found);
  console.log(`  ${'started'.padEnd(10)}  ${found.taken}${found.buffered ? `, ${found.buffered} wait` : ''}`);
  console.log(`  ${'skipped'.padEnd(10)}  ${skipped(found)}`);
  if (!found.runs.length) {
    console.log('\nNo runs yet.');
    return;
  }
  console.log();
  printTable(
    ['RUN', `FOR (${found.timezone})`, 'STATUS', 'BY'],
    found.runs.map(({ runId, scheduledTime, status, by }) => [runId, inZone(scheduledTime, found.timezone), status, by]),
  );
}

function skipped({ skipped: { missedCatchupWindow, overlap, bufferDropped }, catchupWindow }: ScheduleDetails): string {
  const reasons = [
    overlap ? `${overlap} as a run was still going on` : '',
    missedCatchupWindow ? `${missedCatchupWindow} as Temporal was away for longer than the catch-up window (${catchupWindow})` : '',
    bufferDropped ? `${bufferDropped} as too many waited already` : '',
  ].filter(Boolean);
  return reasons.length ? `${reasons.join(', ')}: 'flowyml schedule backfill' runs them` : 'none';
}
