import { existsSync } from 'node:fs';
import { findAnyRun } from '../../client/find-run.ts';
import { joinSession } from '../../client/session.ts';
import { checkRun } from '../../launch.ts';
import { findPlan, type RunRow } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { isOpen } from '../../pipelines/run-result.ts';
import { findProject } from '../../stacks/project.ts';
import { executeRun } from '../execute-run.ts';
import { loadTarget } from '../modules.ts';
import { readParams } from '../options.ts';

interface RetryOptions {
  forceFrom?: string;
  param: string[];
  id?: string;
  detach?: boolean;
  json?: boolean;
}

/** `flowyml runs retry`: a new run that goes on where an earlier one failed. */
export async function retryRun(runId: string, options: RetryOptions): Promise<void> {
  const { row, steps } = await earlier(runId);
  if (isOpen(row.status))
    throw new UsageError(`run '${runId}' has not ended: it is ${row.status}; cancel it first (flowyml runs cancel ${runId})`);
  if (options.forceFrom !== undefined && !steps.includes(options.forceFrom)) {
    throw new UsageError(`--force-from ${options.forceFrom}: run '${runId}' has no such step${hint(options.forceFrom, steps)}`);
  }
  if (!existsSync(row.module)) throw new UsageError(`the module of run '${runId}' is gone: ${row.module}`);
  const { project, target } = await loadTarget(`${row.module}#${row.pipeline}`);
  const params = { ...row.request.params, ...readParams(target.pipeline, undefined, options.param) };
  const { codeHash } = await checkRun({ project }, target, { params });
  const request = {
    params,
    codeHash,
    resumeFrom: runId,
    ...(options.forceFrom === undefined ? {} : { forceFrom: options.forceFrom }),
    ...(row.tags.length ? { tags: row.tags } : {}),
    ...(row.experiment ? { experiment: row.experiment } : {}),
  };
  await executeRun(project, target, request, options);
}

async function earlier(runId: string): Promise<{ row: RunRow; steps: string[] }> {
  const session = await joinSession(findProject());
  try {
    const found = await findAnyRun(session.temporal.client, session.db, runId);
    if (!('row' in found)) throw new UsageError(`run '${runId}' was never planned: ${found.reason}`);
    const { row } = found;
    const plan = await findPlan(session.db, row.planHash);
    return { row, steps: plan?.steps.map((step) => step.name) ?? [] };
  } finally {
    await session.close();
  }
}
