import { joinSession } from '../../client/session.ts';
import { clearEntries, countEntries } from '../../metadata/cache-admin.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson } from '../output.ts';
import { confirm, entries } from './cache-format.ts';

/** `flowyml cache clear`: removes every entry. What they refer to stays. */
export async function clearCache(options: { yes?: boolean; json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const count = await countEntries(session.db);
    if (!options.json) console.log(count ? `${entries(count)} in the cache.` : 'The cache is empty.');
    const sure = options.yes || !count || (await confirm(`Remove ${entries(count)}?`, 'flowyml cache clear'));
    const removed = sure && count ? await clearEntries(session.db) : 0;
    if (options.json) printJson({ removed });
    else if (count) console.log(`Removed ${entries(removed)}.`);
  } finally {
    await session.close();
  }
}
