import type { WorkerLog } from '../workers/runtime.ts';

// Said of a queue that only has steps, as it should be.
const EXPECTED = /^No workflows registered/;
// Each of a worker's connections says so every few seconds while the server is away.
const AWAY = /^gRPC call \w+ retried/;
const AWAY_AGAIN_MS = 60_000;

/** How a worker's process says what it does. */
export interface WorkerVoice {
  /** A line of the command itself. */
  say(message: string, fields?: Record<string, unknown>): void;
  /** What Temporal's SDK has to say. */
  temporal: WorkerLog;
  /** What happens to runs and steps. */
  events: WorkerLog;
  /** Names the worker in all lines that follow. */
  name(worker: string): void;
}

/** Lines for people: a time and a sentence. Of runs and steps only what went wrong, unless they are wanted all. */
export function textVoice({ verbose = false } = {}): WorkerVoice {
  const say = (line: string) => console.error(`${new Date().toISOString()} ${line}`);
  return {
    say,
    temporal: sifted((level, message, { error }) =>
      say(`${level}: ${message}${error ? `: ${error instanceof Error ? error.message : error}` : ''}`),
    ),
    events: (level, message, fields) => {
      if (verbose || fields.source === 'step' || level === 'warn' || level === 'error') say(`${level}: ${message}${facts(fields)}`);
    },
    name() {},
  };
}

/** One JSON object a line, on stderr; what it says is written when it is said, so that nothing is lost at the end. */
export async function jsonVoice(project: string): Promise<WorkerVoice> {
  const { pino, destination, stdTimeFunctions } = await import('pino');
  const logger = pino(
    {
      base: { project },
      level: 'debug',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination({ dest: 2, sync: true }),
  );
  const write: WorkerLog = (level, message, fields) => logger[level](plain(fields), message);
  return {
    say: (message, fields = {}) => write('info', message, fields),
    temporal: sifted(write),
    events: write,
    name: (worker) => logger.setBindings({ worker }),
  };
}

/** Leaves out what is as it should be; an outage of Temporal is one line a minute. */
function sifted(log: WorkerLog): WorkerLog {
  let saidAway = 0;
  return (level, message, fields) => {
    if (EXPECTED.test(message) || isSaid(message, fields)) return;
    if (!AWAY.test(message)) return log(level, message, fields);
    if (Date.now() - saidAway < AWAY_AGAIN_MS) return;
    saidAway = Date.now();
    const reason = /message: "([^"]+)"/.exec(message)?.[1];
    log(level, `Temporal does not answer${reason ? ` (${reason})` : ''}: asking again until it does`, {});
  };
}

/** Temporal's SDK says of each failed attempt what has been said of it already, with its step and its run. */
function isSaid(message: string, { error }: Record<string, unknown>): boolean {
  const [facts] = (error as { details?: { step?: unknown }[] } | undefined)?.details ?? [];
  return message === 'Activity failed' && facts?.step !== undefined;
}

/** Where a line is about, and what went wrong there. */
function facts({ run, step, attempt, error, durationMs, reason }: Record<string, unknown>): string {
  const place = [
    run !== undefined && `run ${run}`,
    step !== undefined && `step ${step}`,
    attempt !== undefined && `attempt ${attempt}`,
    durationMs !== undefined && `${durationMs} ms`,
    reason !== undefined && String(reason),
  ].filter(Boolean);
  const { type, message } = (error ?? {}) as { type?: string; message?: string };
  return `${place.length ? ` (${place.join(', ')})` : ''}${error ? `: ${type}: ${message}` : ''}`;
}

/** What Temporal's SDK hands over is not all JSON: errors as their type and message. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (value instanceof Error) return [name, { type: value.name, message: value.message }];
    return [name, typeof value === 'bigint' ? String(value) : value];
  });
  return Object.fromEntries(entries);
}
