import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PATTERN = /^flowyml-(?:step|log)-(.+)-(\d+)-[0-9a-f-]{36}$/;
const own = new Set<string>();

/** A path for what is kept for a while only; its name says by whom, so that what a killed process leaves can be told. */
export function newTempFolder(what: 'step' | 'log'): string {
  const name = `flowyml-${what}-${hostname()}-${process.pid}-${randomUUID()}`;
  own.add(name);
  return join(tmpdir(), name);
}

/** Removes a folder of ours, whatever is in it, if it is there. */
export async function removeTempFolder(path: string): Promise<void> {
  // Most steps make none, and asking first is cheaper.
  if (existsSync(path)) await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  own.delete(basename(path));
}

/** Removes what processes of this machine left that are there no more. Those of other machines may share the folder. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, host, pid] = PATTERN.exec(name) ?? [];
    // In a container a worker has the same number each time it is started.
    const isOurs = Number(pid) === process.pid && own.has(name);
    if (host !== hostname() || isOurs || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await removeTempFolder(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
