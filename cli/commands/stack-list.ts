import { executorOf } from '../../pipelines/placement.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import { findProject } from '../../stacks/project.ts';
import { describeStore } from '../../stacks/stores/stack-stores.ts';
import { printJson, printTable } from '../output.ts';

/** `flowyml stack list` */
export async function listStacks(options: { json?: boolean }): Promise<void> {
  const { stacks, stack: active } = findProject(undefined, { check: false });
  const all = Object.values(stacks);
  if (options.json) {
    printJson(all.map((stack) => ({ ...stack, active: stack.name === active })));
    return;
  }
  const row = (stack: StackSpec) => [
    stack.name === active ? '*' : '',
    stack.name,
    stack.type,
    executorOf(stack)?.type ?? 'local',
    stack.artifactStore ? describeStore(stack.artifactStore) : '-',
  ];
  printTable(['', 'NAME', 'TYPE', 'EXECUTOR', 'ARTIFACTS'], all.map(row));
}
