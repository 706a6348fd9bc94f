import { existsSync, readdirSync, readFileSync } from 'node:fs';

// What the kernel tells of processes, where there is a /proc.

const available = existsSync('/proc/self/stat');
const LOOK_MS = 10;

export interface TreeMemory {
  /** Resident memory in MB: of the process itself, and of each of the processes that it started. */
  own: number;
  below: number[];
}

/** The memory of a process and those that it started; undefined where there is no /proc. */
export function memoryOf(pid: number): TreeMemory | undefined {
  if (!available) return undefined;
  return { own: residentMB(pid), below: childrenOf(pid).map(residentMB) };
}

/** The most resident memory that a process had so far, in MB; undefined where there is no /proc. */
export function peakMB(pid: number): number | undefined {
  return available ? statusMB(pid, 'VmHWM') : undefined;
}

/** The most resident memory that a process has while something is done, in MB; undefined where there is no /proc. */
export async function peakDuring(pid: number, work: () => Promise<unknown>): Promise<number | undefined> {
  let peak = residentMB(pid);
  const look = () => {
    peak = Math.max(peak, residentMB(pid));
  };
  const looking = setInterval(look, LOOK_MS);
  try {
    await work();
    look();
  } finally {
    clearInterval(looking);
  }
  return available ? peak : undefined;
}

/** Who works when a step runs: this process, the processes that it started, and the two servers. */
export interface CpuUse {
  worker: number;
  steps: number;
  temporal: number;
  postgres: number;
}

/** CPU time used so far, in milliseconds, to 10 ms each; undefined where there is no /proc. */
export function cpuUse(servers: { temporal: number | undefined; postgres: number | undefined }): CpuUse | undefined {
  if (!available || !servers.temporal || !servers.postgres) return undefined;
  const sum = (pids: number[]) => pids.reduce((total, pid) => total + cpuMs(pid), 0);
  return {
    worker: cpuMs(process.pid),
    // The servers may be its children too: whoever started them is their parent until it ends.
    steps: sum(childrenOf(process.pid).filter((pid) => pid !== servers.temporal && pid !== servers.postgres)),
    temporal: cpuMs(servers.temporal),
    postgres: sum([servers.postgres, ...childrenOf(servers.postgres)]),
  };
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => Number(statOf(pid)[1]) === parent);
}

// A tick of this clock is 10 ms on every Linux that there is.
const cpuMs = (pid: number) => 10 * (Number(statOf(pid)[11] ?? 0) + Number(statOf(pid)[12] ?? 0));

/** The fields behind the process's name, the first of which is its state. */
function statOf(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** 0 where there is no /proc. */
export function residentMB(pid: number): number {
  return statusMB(pid, 'VmRSS');
}

function statusMB(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}
