import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Session } from '../../client/session.ts';

export interface Environment {
  cores: number;
  memoryGiB: number;
  platform: string;
  /** 1, 5 and 15 minutes, before anything of ours was started. */
  load: number[];
  versions: Record<string, string>;
}

// Above this share of the cores, others' work is in the figures.
const QUIET = 0.3;

/** What the figures stand on. Asked before the first service starts, which would raise the load itself. */
export function describeMachine(): Omit<Environment, 'versions'> {
  return { cores: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), platform: platform(), load: loadavg().map(round) };
}

/** A sentence for the reader where the machine has other work; undefined where it is quiet. */
export function loadWarning({ load: [load = 0], cores }: Pick<Environment, 'load' | 'cores'>): string | undefined {
  if (load <= QUIET * cores) return undefined;
  return `the load is ${load} on ${cores} cores: others are at work. Absolute figures are too high; trust the ratios, and only roughly.`;
}

/** The versions of all that takes part. */
export async function versions({ db, temporal }: Session): Promise<Record<string, string>> {
  const [row] = await db.client<{ server_version: string }[]>`show server_version`;
  const { serverVersion } = await temporal.client.workflowService.getSystemInfo({});
  return {
    flowyml: `${packageVersion('../../package.json')} (${commit()})`,
    node: process.version,
    '@temporalio/worker': packageVersion('@temporalio/worker/package.json'),
    temporal: serverVersion ?? 'unknown',
    postgresql: row?.server_version ?? 'unknown',
    workerpool: packageVersion('workerpool/package.json'),
  };
}

function packageVersion(specifier: string): string {
  const file = createRequire(import.meta.url).resolve(specifier);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function commit(): string {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'no git';
  }
}

const round = (value: number) => Math.round(100 * value) / 100;
