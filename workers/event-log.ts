import type { AttemptOutcome, LineLevel, WorkerEvent } from '../activities/index.ts';
import type { WorkerLog } from './runtime.ts';

const ATTEMPTS: Record<AttemptOutcome, readonly [LineLevel, string]> = {
  succeeded: ['info', 'attempt succeeded'],
  skipped: ['info', 'attempt skipped its step'],
  failed: ['error', 'attempt failed'],
  retried: ['warn', 'attempt failed and is retried'],
  cancelled: ['info', 'attempt was cancelled'],
  interrupted: ['warn', 'attempt was interrupted'],
};

const RUNS: Record<string, LineLevel> = { failed: 'error', refused: 'warn' };

/** Makes a log's lines of what happens on a worker. Where a line is a step's own, its field `source` is `step`. */
export function logEvents(log: WorkerLog): (event: WorkerEvent) => void {
  return (event) => {
    const { kind, ...fields } = event;
    switch (event.kind) {
      case 'runPlanned':
        return log('info', 'run planned', fields);
      case 'runEnded':
        return log(RUNS[event.status] ?? 'info', `run ${event.status}`, fields);
      case 'attemptStarted':
        return log('info', 'attempt started', fields);
      case 'attemptEnded': {
        const { kind: _kind, outcome, ...rest } = event;
        return log(...ATTEMPTS[outcome], { ...rest, status: outcome });
      }
      case 'stepEnded':
        // What failed has been said of its attempt.
        return log('info', `step ${event.status}`, fields);
      case 'stepLine': {
        const { kind: _kind, level, text, ...place } = event;
        return log(level, text, { ...place, source: 'step' });
      }
      case 'cacheAsked':
        return undefined;
    }
  };
}
