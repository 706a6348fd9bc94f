import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type ServiceOptions, stopServices } from '../../services/index.ts';
import { commandLine } from '../../services/processes.ts';
import { until } from '../../services/wait.ts';

/** The environment of a user who has named no services of his own. */
export const env: NodeJS.ProcessEnv = { ...process.env, TEMPORAL_ADDRESS: '', FLOWYML_DATABASE_URL: '' };

/** Makes folders for projects; what runs in them is ended after each test, or after all of them by `end`. */
export function projects({ keep = false } = {}): { make: () => ServiceOptions; lines: string[]; end: () => Promise<void> } {
  const roots: string[] = [];
  const lines: string[] = [];
  const end = async () => {
    const ended = await Promise.allSettled(roots.map((root) => stopServices({ root, purge: true })));
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  };
  if (!keep) afterEach(end);
  const make = () => {
    const root = mkdtempSync(join(tmpdir(), 'flowyml services-'));
    roots.push(root);
    return { root, project: 'test', env, onProgress: (line: string) => lines.push(line) };
  };
  return { make, lines, end };
}

/** On a busy machine a killed process is still there for a while. */
export async function killHard(pid: number | undefined): Promise<void> {
  if (!pid) throw new Error('there is nothing to kill');
  process.kill(pid, 'SIGKILL');
  await until(() => (commandLine(pid) === undefined ? true : undefined), 10_000);
}
