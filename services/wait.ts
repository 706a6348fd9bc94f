import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, reasonOf } from './reason.ts';

/** Asks `probe` until it gives a value, at most for `timeoutMs`; then undefined. */
export async function until<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
  everyMs = 20,
): Promise<T | undefined> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() >= deadline) return undefined;
    await sleep(everyMs);
  }
}

/** Why nothing can be reached there, or undefined if something listens. */
export function connectProblem(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => end(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    socket.once('connect', () => end());
    socket.once('error', (error) => end(codeOf(error) === 'ECONNREFUSED' ? 'connection refused' : reasonOf(error)));
  });
}
