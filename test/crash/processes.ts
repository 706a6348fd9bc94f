import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

const run = promisify(execFile);

/** The processes of this machine, those that have ended and wait for their parent left out. */
export async function processes(): Promise<Process[]> {
  const { stdout } = await run('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { maxBuffer: 16 << 20 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent && state && command !== undefined && !state.startsWith('Z') ? [{ pid: +pid, parent: +parent, command }] : [];
  });
}

/** What a worker runs steps in. */
export const stepProcesses = async (worker: number): Promise<Process[]> =>
  (await processes()).filter(({ parent, command }) => parent === worker && command.includes('/workers/child/'));

/** Sends a signal; false if the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
