import { hostname } from 'node:os';
import { type Database, liveWorkers, type WorkerRow } from '../metadata/index.ts';

/** The workers of a project that are there now. */
export async function currentWorkers(db: Database, project: string): Promise<WorkerRow[]> {
  return (await liveWorkers(db, project)).filter(isAlive);
}

/** A worker of this machine that was killed has a fresh row for some seconds more. */
function isAlive({ host, pid }: WorkerRow): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
