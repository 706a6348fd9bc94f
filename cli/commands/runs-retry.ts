import { existsSync } from 'node:fs';
import { retryRequest } from '../../client/retry.ts';
import { joinSession } from '../../client/session.ts';
import { checkRun } from '../../launch.ts';
import { UsageError } from '../../pipelines/errors.ts';
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
  const { row, request } = await earlier(runId, options);
  if (!existsSync(row.module)) throw new UsageError(`the module of run '${runId}' is gone: ${row.module}`);
  const { project, target } = await loadTarget(`${row.module}#${row.pipeline}`);
  const params = { ...request.params, ...readParams(target.pipeline, undefined, options.param) };
  const { codeHash, plan } = await checkRun({ project }, target, { ...request, params });
  await executeRun(project, { ...target, plan }, { ...request, params, codeHash }, options);
}

async function earlier(runId: string, { forceFrom }: RetryOptions) {
  const session = await joinSession(findProject());
  try {
    return await retryRequest(session.temporal.client, session.db, runId, forceFrom === undefined ? {} : { forceFrom });
  } finally {
    await session.close();
  }
}
