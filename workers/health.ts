import type { Worker } from '@temporalio/worker';

/** What a worker says of itself. `problems`: why no work should be counted on from it. */
export interface Health {
  status: 'starting' | 'ready' | 'draining' | 'not ready' | 'failed' | 'stopped';
  problems: string[];
}

type State = ReturnType<Worker['getState']>;

export interface HealthSources {
  /** Of the worker of each queue. */
  states(): readonly State[];
  /** Rejects if PostgreSQL does not answer. */
  askDatabase(): Promise<unknown>;
  /** Rejects if Temporal does not answer. */
  askTemporal(): Promise<unknown>;
}

// An orchestrator's own patience is often a second or two.
const ANSWER_MS = 900;

/** Whether the workers of this process take work, and can do it. */
export async function healthOf({ states, askDatabase, askTemporal }: HealthSources): Promise<Health> {
  const now = states();
  if (now.includes('FAILED')) return { status: 'failed', problems: ['a worker has failed'] };
  if (now.every((state) => state === 'STOPPED')) return { status: 'stopped', problems: ['it has stopped'] };
  if (now.some((state) => !['INITIALIZED', 'RUNNING'].includes(state)))
    return { status: 'draining', problems: ['it takes no new work; running steps may end'] };
  if (now.includes('INITIALIZED')) return { status: 'starting', problems: ['it does not poll yet'] };
  const problems = (await Promise.all([ask('PostgreSQL', askDatabase()), ask('Temporal', askTemporal())])).flat();
  return { status: problems.length ? 'not ready' : 'ready', problems };
}

async function ask(name: string, answer: Promise<unknown>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    await Promise.race([answer, late]);
    return [];
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    return [`${name} does not answer: ${message || code}`];
  } finally {
    clearTimeout(timer);
  }
}
