import { ApplicationFailure } from '@temporalio/common';
import { liveWorkers } from '../metadata/index.ts';
import { FAILURES } from '../pipelines/protocol.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { ServedPipeline } from './served-pipelines.ts';

// Whoever else can take it polls all the time.
const ELSEWHERE_MS = 250;

/**
 * The pipeline that a task is about. A worker that does not know it leaves the task to another; so does one with other
 * code than the run was started for, as long as a live worker has that very code. Where none has it any more (it was
 * edited, or deployed), the run goes on with the code there is.
 * @throws ApplicationFailure of type NotServed: for a step's task retryable, which uses up none of its attempts; for the
 *   planning of a run final, since the workflow task is to fail and go to another worker
 */
export async function servedPipeline(
  deps: ActivityDependencies,
  name: string,
  wantedHash: string | undefined,
  purpose: 'plan' | 'step',
): Promise<ServedPipeline> {
  const served = deps.pipelines.get(name);
  if (!served) {
    const known = [...deps.pipelines.keys()].join(', ') || 'none';
    throw notServed(
      purpose,
      `worker ${deps.workerId} does not serve pipeline '${name}' (it serves: ${known}); start one that does: flowyml worker MODULE`,
    );
  }
  if (deps.alone) return served;
  if (wantedHash !== undefined && wantedHash !== served.codeHash && (await isServedElsewhere(deps, name, wantedHash))) {
    throw notServed(
      purpose,
      `worker ${deps.workerId} has other code for pipeline '${name}' than the run was started with, and another worker has it`,
    );
  }
  return served;
}

async function isServedElsewhere(deps: ActivityDependencies, name: string, hash: string): Promise<boolean> {
  const live = await liveWorkers(deps.db, deps.project);
  return live.some((worker) => worker.pipelines[name] === hash);
}

const notServed = (purpose: 'plan' | 'step', message: string) =>
  ApplicationFailure.create({
    message,
    type: FAILURES.notServed,
    ...(purpose === 'plan' ? { nonRetryable: true } : { nonRetryable: false, nextRetryDelay: ELSEWHERE_MS }),
  });
