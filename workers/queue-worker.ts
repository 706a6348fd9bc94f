import { z } from 'zod';
import { UsageError } from '../pipelines/errors.ts';
import { issues } from '../pipelines/schema.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';

/** What a worker is told that an executor starts: it serves one task queue, for one stack. */
export interface QueueWorkerTask {
  /** The name it goes by: what begins its id. */
  name: string;
  project: string;
  queue: string;
  /** `default` for steps that name no group. */
  group: string;
  stack: StackSpec;
  /** Modules of its pipelines, relative to the project. */
  modules: string[];
  /** It ends when it has done nothing for so long, in milliseconds; never unless given. */
  idleMs?: number | undefined;
}

/** The variable of the environment that holds it, as JSON. */
export const QUEUE_WORKER = 'FLOWYML_QUEUE_WORKER';

const schema = z.object({
  name: z.string(),
  project: z.string(),
  queue: z.string(),
  group: z.string(),
  stack: z.looseObject({ name: z.string(), type: z.string() }),
  modules: z.array(z.string()),
  idleMs: z.number().optional(),
});

/** Reads it. Throws UsageError where nothing sensible is there: the command is none for people. */
export function queueWorkerTask(env: NodeJS.ProcessEnv = process.env): QueueWorkerTask {
  const text = env[QUEUE_WORKER];
  if (!text) throw new UsageError(`queue-worker is started by executors, which set ${QUEUE_WORKER}: use 'flowyml worker'`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UsageError(`${QUEUE_WORKER} is not JSON`);
  }
  const outcome = schema.safeParse(data);
  if (!outcome.success) throw new UsageError(`${QUEUE_WORKER}: ${issues(outcome.error).join('; ')}`);
  return outcome.data as QueueWorkerTask;
}
