import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, runs } from '../processes.ts';

/** A PostgreSQL server, as it describes itself in its data folder. */
export interface Postmaster {
  pid: number;
  port: number;
  /** False while it starts up, recovers, or stops. */
  ready: boolean;
}

/** By these words in its command line a running server is known to be that of `dataDir`. */
export const marker = (dataDir: string): string[] => [`-D ${dataDir}`];

/** The server that runs on a data folder. */
export function findPostmaster(dataDir: string): Postmaster | undefined {
  // Lines: pid, data folder, start, port, socket folder, address, shared memory, status.
  const lines = readPidFile(dataDir);
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid && runs(pid, marker(dataDir)) ? { pid, port, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * After a crash PostgreSQL believes the old server to be alive if any process of this user has its pid by now (as in a
 * container that was started anew), and would refuse to start for ever. If that process is no PostgreSQL, it is wrong.
 */
export function forgetReusedPid(dataDir: string): void {
  const line = commandLine(Number(readPidFile(dataDir)[0]) || 0);
  if (line !== undefined && !line.includes('postgres')) rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}

function readPidFile(dataDir: string): string[] {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
