import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { withLock } from './lock.ts';
import { placesOf } from './places.ts';
import { stopPostgres } from './postgres/server.ts';
import { readState } from './state.ts';
import { stopTemporal } from './temporal/server.ts';
import { stopBackgroundWorkers } from './workers.ts';

export interface StopOptions {
  root: string;
  /** Removes `.flowyml/` when all has stopped. A PostgreSQL folder elsewhere stays. */
  purge?: boolean;
  onProgress?: (line: string) => void;
}

/**
 * Ends what runs for a project: its background workers, then Temporal and PostgreSQL, each by its proper shutdown.
 * Services named by TEMPORAL_ADDRESS or FLOWYML_DATABASE_URL are not ours to stop. Gives the names of what was stopped.
 */
export async function stopServices({ root, purge = false, onProgress = () => {} }: StopOptions): Promise<string[]> {
  const places = placesOf(root);
  if (!existsSync(places.home)) return [];
  return withLock(places, onProgress, async () => {
    const state = readState(places);
    const workers = await stopBackgroundWorkers(places);
    const folders = [...new Set([places.postgresDir, ...Object.keys(state.postgres)])];
    const [temporal, ...databases] = await Promise.all([stopTemporal(places, state), ...folders.map(stopPostgres)]);
    if (purge) await rm(places.home, { recursive: true, force: true, maxRetries: 3 });
    const names = workers.map((pid) => `worker (pid ${pid})`);
    if (temporal) names.push('Temporal');
    if (databases.includes(true)) names.push('PostgreSQL');
    return names;
  });
}
