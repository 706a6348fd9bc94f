import { Worker } from 'node:worker_threads';
import { MEMORY_SIGNAL } from '../step-signals.ts';

const EVERY_MS = 200;

/**
 * Watches this process from a thread, which works while the step blocks its own: ends the process when its parent is
 * gone (a busy process outlives even a killed parent), or when it uses more than `memoryBytes` in all (0 = no limit).
 */
export function startWatchdog(parent: number, memoryBytes: number): void {
  const code = `
    setInterval(() => {
      if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL');
      if (${memoryBytes} && process.memoryUsage.rss() > ${memoryBytes}) process.kill(process.pid, '${MEMORY_SIGNAL}');
    }, ${EVERY_MS});`;
  new Worker(code, { eval: true, execArgv: [], env: {} }).unref();
}
