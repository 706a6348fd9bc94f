import { execFile } from 'node:child_process';

export interface GitState {
  commit: string;
  /** Whether the work tree has changes or new files that are not committed. */
  dirty: boolean;
}

const LIMIT_MS = 1_500;

/**
 * The commit that a folder is at; undefined where it is in no repository, that has no commit yet, or git does not answer
 * in time. Never throws.
 */
export function gitState(dir: string): Promise<GitState | undefined> {
  // One command for both. What flowyml itself leaves in the project is no change.
  const status = ['status', '--porcelain=v2', '--branch', '--', ':/', ':(top,exclude,glob)**/.flowyml/**'];
  // No lock: the user may be using git at the same moment.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  return new Promise((resolve) => {
    const options = { env, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 64 << 20, windowsHide: true } as const;
    execFile('git', ['-C', dir, ...status], options, (error, stdout) => resolve(error ? undefined : parseStatus(stdout)));
  });
}

function parseStatus(output: string): GitState | undefined {
  const lines = output.split('\n').filter(Boolean);
  const commit = lines.map((line) => /^# branch\.oid ([0-9a-f]{40,})$/.exec(line)?.[1]).find(Boolean);
  return commit ? { commit, dirty: lines.some((line) => !line.startsWith('#')) } : undefined;
}
