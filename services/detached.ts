import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { reasonOf, shorten } from './reason.ts';

const LOG_LIMIT = 10 << 20;

export interface Detached {
  pid: number;
  /** Why it has ended, or undefined while it runs. */
  ended: () => string | undefined;
  /** What it has logged since this start. */
  log: () => string;
}

/** Starts a process that outlives us, in a session of its own (no Ctrl-C from our terminal), writing to `logFile`. */
export async function startDetached(
  command: string,
  args: readonly string[],
  logFile: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Detached> {
  rotate(logFile);
  const fd = openSync(logFile, 'a');
  const from = fstatSync(fd).size;
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  let ended: string | undefined;
  child.once('exit', (code, signal) => {
    ended = code === null ? `ended by ${signal}` : `exit code ${code}`;
  });
  child.on('error', (error) => {
    ended = reasonOf(error);
  });
  child.unref();
  // Without a pid the start itself has failed, and 'error' comes next.
  if (child.pid === undefined) await new Promise((resolve) => child.once('error', resolve));
  return { pid: child.pid ?? 0, ended: () => ended, log: () => readFileSync(logFile).subarray(from).toString() };
}

/** The last lines of a log, for an error's message. */
export function tail(log: string, lines = 8): string {
  const last = log.trimEnd().split('\n').slice(-lines);
  return last.map((line) => `  ${shorten(line, 600)}`).join('\n');
}

function rotate(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT) renameSync(logFile, `${logFile}.1`);
}
