import { UsageError } from '../../pipelines/errors.ts';
import type { ExecutorSpec } from '../../pipelines/stack-spec.ts';
import { customExecutor } from '../../stacks/custom-executor.ts';
import type { Executor } from '../../stacks/executor.ts';

/**
 * The executor that a stack or group names.
 * @throws UsageError for a module that makes none, ServiceUnavailable where it cannot be reached
 */
export async function openExecutor(spec: ExecutorSpec, project: { name: string; root: string }): Promise<Executor> {
  if (spec.type === 'custom') return customExecutor(spec, project);
  if (spec.type !== 'docker') throw new UsageError(`executor '${spec.type}' starts no workers`);
  const { dockerExecutor } = await import('../docker/docker-executor.ts');
  return dockerExecutor();
}
