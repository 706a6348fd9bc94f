import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, type Places, placesOf } from './places.ts';
import { endProcess, identityOf } from './processes.ts';

export interface BackgroundWorker {
  pid: number;
  kind: 'background';
  /** The file that it logs to. */
  log: string;
}

/** A worker drains: it may take until its steps have ended. */
const STOP_MS = 15_000;

/** Notes a detached `flowyml worker`, so that `status` shows it and `down` ends it. Call it when the process runs. */
export async function recordBackgroundWorker(root: string, worker: { pid: number; log: string }): Promise<void> {
  const places = placesOf(root);
  makeHome(places);
  mkdirSync(places.workers, { recursive: true });
  const record = { pid: worker.pid, log: worker.log, identity: identityOf(worker.pid) };
  // One file a worker: no lock is needed.
  const file = fileOf(places, worker.pid);
  writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${file}.new`, file);
}

/** The recorded workers that still run. */
export function backgroundWorkers(places: Places): BackgroundWorker[] {
  return records(places)
    .filter(({ pid, identity }) => identityOf(pid) === identity)
    .map(({ pid, log }) => ({ pid, kind: 'background', log }));
}

/** Ends them (SIGTERM, after 15 s SIGKILL) and forgets them. Gives the pids of those that ran. */
export async function stopBackgroundWorkers(places: Places): Promise<number[]> {
  const ended = records(places).map(async ({ pid, identity }) => {
    const isIt = () => identityOf(pid) === identity;
    const ran = isIt();
    if (ran) await endProcess(pid, isIt, 'SIGTERM', STOP_MS);
    rmSync(fileOf(places, pid), { force: true });
    return ran ? [pid] : [];
  });
  return (await Promise.all(ended)).flat();
}

interface WorkerRecord {
  pid: number;
  log: string;
  identity: string;
}

const fileOf = (places: Places, pid: number): string => join(places.workers, `${pid}.json`);

function records(places: Places): WorkerRecord[] {
  try {
    const files = readdirSync(places.workers).filter((name) => name.endsWith('.json'));
    return files
      .map((name) => JSON.parse(readFileSync(join(places.workers, name), 'utf8')) as WorkerRecord)
      .filter(({ identity }) => identity);
  } catch {
    return [];
  }
}
