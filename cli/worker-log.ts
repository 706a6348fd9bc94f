import type { WorkerLog } from '../workers/runtime.ts';

// Said of a queue that only has steps, as it should be.
const EXPECTED = /^No workflows registered/;
// Each of a worker's connections says so every few seconds while the server is away.
const AWAY = /^gRPC call \w+ retried/;
const AWAY_AGAIN_MS = 60_000;

/** The log of a worker as lines for people; an outage of Temporal is one line a minute. */
export function workerLog(say: (line: string) => void): WorkerLog {
  let saidAway = 0;
  return (level, message, fields) => {
    if (EXPECTED.test(message)) return;
    if (AWAY.test(message)) {
      if (Date.now() - saidAway < AWAY_AGAIN_MS) return;
      saidAway = Date.now();
      const reason = /message: "([^"]+)"/.exec(message)?.[1];
      say(`${level}: Temporal does not answer${reason ? ` (${reason})` : ''}: asking again until it does`);
      return;
    }
    const { error } = fields;
    say(`${level}: ${message}${error ? `: ${error instanceof Error ? error.message : error}` : ''}`);
  };
}
