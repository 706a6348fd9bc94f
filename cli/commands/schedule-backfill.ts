import { setTimeout as wait } from 'node:timers/promises';
import type { BackfillHandle, BackfillProgress } from '../../client/schedules/index.ts';
import { EXIT } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { printJson } from '../output.ts';
import { warnUnserved, withSchedules } from './schedule-target.ts';

interface BackfillCommandOptions {
  from: string;
  to: string;
  concurrency?: string;
  retryFailed?: boolean;
  detach?: boolean;
  json?: boolean;
}

const PROGRESS_MS = 5000;

/** `flowyml schedule backfill`: runs what a schedule would have run in a span of the past, each time once. */
export async function backfillSchedule(name: string, options: BackfillCommandOptions): Promise<void> {
  const { from, to, retryFailed = false } = options;
  const concurrency = wholeNumber(options.concurrency, '--concurrency');
  await withSchedules(async (all, session) => {
    const { pipeline } = await all.show(name, { runs: 1 });
    const backfill = await all.backfill(name, { from, to, retryFailed, ...(concurrency === undefined ? {} : { concurrency }) });
    if (backfill.workflowId) announce(backfill);
    if (backfill.workflowId) await warnUnserved(session, pipeline);
    if (options.detach && backfill.workflowId) {
      if (options.json) printJson({ workflowId: backfill.workflowId, joined: backfill.joined, ...backfill.asked });
      else console.log(`It goes on by itself: flowyml schedule show ${name}`);
      return;
    }
    const result = await ended(backfill);
    if (options.json) printJson(result);
    else print(result);
    if (result.failed) process.exitCode = EXIT.failed;
  });
}

function announce({ workflowId, joined, asked }: BackfillHandle): void {
  const rest = asked.existing ? `, ${asked.existing} have run already` : '';
  console.error(`Backfill ${workflowId}${joined ? ' goes on already: joined' : ''}: ${times(asked.times)}${rest}`);
  console.error('It goes on if this command is stopped; asked for again, it is joined.');
}

/** Waits for the end, and says now and then how far it is. */
async function ended(backfill: BackfillHandle): Promise<BackfillProgress> {
  const result = backfill.result();
  const over = new AbortController();
  const reporting = (async () => {
    for (let told = ''; ; ) {
      await wait(PROGRESS_MS, undefined, { signal: over.signal });
      // Where no worker answers, there is nothing new.
      const progress = await backfill.progress().catch(() => undefined);
      const line =
        progress && `${progress.times - progress.left} of ${times(progress.times)}${progress.failed ? `, ${progress.failed} failed` : ''}`;
      if (line && line !== told && !over.signal.aborted) console.error(line);
      told = line ?? told;
    }
  })().catch(() => {});
  try {
    return await result;
  } finally {
    over.abort();
    await reporting;
  }
}

function print({ started, existing, existingFailed, succeeded, failed, failures, future }: BackfillProgress): void {
  console.log(`${started} started: ${succeeded} succeeded, ${failed} failed`);
  if (existing)
    console.log(
      `${existing} were there already${existingFailed ? `, ${existingFailed} of them failed: --retry-failed runs these again` : ''}`,
    );
  if (future) console.log(`${future} are still to come: the schedule runs them`);
  if (failures.length)
    console.log(`Failed (flowyml runs show RUN says why; --retry-failed runs them again):\n${failures.map((id) => `  ${id}`).join('\n')}`);
  if (failed > failures.length) console.log(`  and ${failed - failures.length} more`);
}

const times = (count: number) => `${count} ${count === 1 ? 'time' : 'times'}`;
