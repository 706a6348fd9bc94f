import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:process';
import { ServiceUnavailable } from '../pipelines/errors.ts';
import { codeOf, reasonOf } from './reason.ts';
import { until } from './wait.ts';

/** The command line of a process, its arguments joined by spaces; undefined if there is none, or only its remains. */
export function commandLine(pid: number): string | undefined {
  return platform === 'linux' ? fromProc(pid) : ps(pid, 'args=');
}

/**
 * Whether `pid` is a process with all of `words` in its command line. A pid alone proves nothing: after a crash or a
 * reboot it may be anybody's.
 */
export function runs(pid: number, words: readonly string[]): boolean {
  return holds(commandLine(pid), words);
}

/** A process with all of `words` in its command line. Looks through all processes: not for where speed matters. */
export function findProcess(words: readonly string[]): number | undefined {
  if (platform === 'linux') {
    return readdirSync('/proc')
      .map(Number)
      .find((pid) => pid > 0 && runs(pid, words));
  }
  const lines = spawnSync('ps', ['-axww', '-o', 'pid=,args='], { encoding: 'utf8' }).stdout?.split('\n') ?? [];
  const line = lines.find((one) => holds(one, words));
  return line === undefined ? undefined : Number.parseInt(line, 10);
}

/** What tells a process from a later one with the same pid: when it started, and its command line. */
export function identityOf(pid: number): string | undefined {
  const line = commandLine(pid);
  return line && `${startOf(pid)} ${line}`;
}

/** Ends a process and waits until it is gone: by `signal` first, by SIGKILL when that took longer than `graceMs`. */
export async function endProcess(pid: number, isIt: () => boolean, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const gone = () => (isIt() ? undefined : true);
  if (gone()) return;
  send(pid, signal);
  if (await until(gone, graceMs)) return;
  send(pid, 'SIGKILL');
  await until(gone, 5_000);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
    throw new ServiceUnavailable(`Process ${pid} cannot be ended (${reasonOf(error)}): it belongs to another user, who has to do it.`, {
      cause: error,
    });
  }
}

const holds = (line: string | undefined, words: readonly string[]): boolean =>
  line !== undefined && words.every((word) => ` ${line} `.includes(` ${word} `));

function fromProc(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd() || undefined;
  } catch {
    return undefined;
  }
}

function startOf(pid: number): string | undefined {
  if (platform !== 'linux') return ps(pid, 'lstart=');
  try {
    // After the name, which may hold anything, in parentheses: the start is field 22, the 20th from there.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  return spawnSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined;
}
