import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 400;
// Our own servers, idle, take some of it.
const BUSY = 0.15;

/** Waits until the machine has little else to do, at most so long; not at all where there is no /proc. */
export async function untilQuiet(atMostMs: number): Promise<void> {
  const end = Date.now() + atMostMs;
  for (let before = cpuTimes(); before && Date.now() < end; ) {
    await wait(LOOK_MS);
    const now = cpuTimes();
    if (!now || (now.busy - before.busy) / (now.all - before.all) < BUSY) return;
    before = now;
  }
}

/** Ticks of all cores together since the machine started. */
function cpuTimes(): { busy: number; all: number } | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const busy = user + nice + system + irq + softirq + steal;
    return { busy, all: busy + idle + iowait };
  } catch {
    return undefined;
  }
}
