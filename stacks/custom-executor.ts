import type { PluginSpec } from '../pipelines/stack-spec.ts';
import type { Executor } from './executor.ts';
import { makePlugin } from './plugin.ts';
import { resolveVariables } from './variables.ts';

const METHODS = ['start', 'running', 'ended', 'stop'] satisfies (keyof Executor)[];

/** An executor of one's own. Throws UsageError for a module that makes none. */
export async function customExecutor(spec: PluginSpec, project: { name: string; root: string }): Promise<Executor> {
  const kind = { what: 'executor', factory: '(options, project) => Executor', methods: METHODS };
  return (await makePlugin(kind, resolveVariables(spec, 'executor'), project)) as Executor;
}
