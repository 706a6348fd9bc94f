import { formatBytes } from '../../artifacts/describe.ts';
import { joinSession } from '../../client/session.ts';
import { duration } from '../../client/summary.ts';
import { cacheStats } from '../../metadata/cache-admin.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson, printTable } from '../output.ts';

const STEPS_SHOWN = 10;

/** `flowyml cache stats`: what the cache holds, and what it has saved. */
export async function showCacheStats(options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const stats = await cacheStats(session.db);
    if (options.json) {
      printJson(stats);
      return;
    }
    const asked = stats.hits + stats.misses;
    const items = stats.itemEntries ? `, and ${stats.itemEntries.toLocaleString('en-US')} of single items of maps` : '';
    console.log(
      [
        `Entries       ${stats.entries.toLocaleString('en-US')}${items}`,
        `Hits          ${stats.hits.toLocaleString('en-US')}, of entries that are there`,
        `Misses        ${stats.misses.toLocaleString('en-US')}${asked ? ` (${Math.round((100 * stats.hits) / asked)}% of ${asked.toLocaleString('en-US')} hit)` : ''}`,
        `Time saved    ${duration(stats.savedMs)}`,
        `Kept          ${formatBytes(stats.bytes)}; ${formatBytes(stats.bytesShared)} more if nothing were shared`,
        `Not written   ${formatBytes(stats.bytesNotWritten)}, thanks to hits`,
      ].join('\n'),
    );
    if (!stats.steps.length) return;
    console.log('');
    printTable(
      ['STEP', 'ENTRIES', 'HITS', 'MISSES', 'TIME SAVED'],
      stats.steps.slice(0, STEPS_SHOWN).map((each) => [each.step, each.entries, each.hits, each.misses, duration(each.savedMs)]),
    );
    if (stats.steps.length > STEPS_SHOWN) console.log(`and ${stats.steps.length - STEPS_SHOWN} more steps: --json shows all`);
  } finally {
    await session.close();
  }
}
