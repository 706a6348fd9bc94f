import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { executorOf } from '../../pipelines/placement.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import { findProject, type Project } from '../../stacks/project.ts';
import { describeStore } from '../../stacks/stores/stack-stores.ts';
import { isUnset, variablesOf } from '../../stacks/variables.ts';
import { printJson } from '../output.ts';

/** `flowyml stack show`: variables, and so secrets, stay names. */
export async function showStack(name: string | undefined, options: { json?: boolean }): Promise<void> {
  const project = findProject(undefined, { check: false });
  const stack = stackNamed(project, name);
  if (options.json) {
    printJson({ ...stack, active: stack.name === project.stack });
    return;
  }
  console.log(`${stack.name} (${stack.type})${stack.name === project.stack ? ', in use' : ''}`);
  for (const [what, text] of componentLines(stack)) console.log(`  ${what.padEnd(20)}${text}`);
  const unset = [
    ...new Set(
      variablesOf(stack)
        .filter((use) => isUnset(use))
        .map((use) => use.name),
    ),
  ];
  if (unset.length) console.log(`  not set here: ${unset.join(', ')}`);
}

/** The stack that an argument names, else the one in use. Throws UsageError with the nearest name. */
export function stackNamed(project: Project, name: string | undefined): StackSpec {
  const stack = project.stacks[name ?? project.stack];
  if (!stack) throw new UsageError(`no stack is named '${name}'${hint(name ?? '', Object.keys(project.stacks))}`);
  return stack;
}

function componentLines(stack: StackSpec): [string, string][] {
  const { artifactStore, metadataStore, containerRegistry, orchestrator } = stack;
  const executor = executorOf(stack) ?? { type: 'local' };
  return [
    ['orchestrator', orchestrator?.type === 'vertex_ai' ? 'Temporal; vertex_ai, whose jobs this version does not start' : 'Temporal'],
    ['executor', described(executor)],
    ['artifact store', artifactStore ? `${artifactStore.type}: ${describeStore(artifactStore)}` : 'none: name one before it is run on'],
    ['metadata store', metadataStore ? described(metadataStore) : "the project's PostgreSQL"],
    ['container registry', containerRegistry ? described(containerRegistry) : "none: images stay in this machine's Docker"],
  ];
}

/** A component's type, and its settings; a password that somebody wrote into an address is left out. */
function described({ type, ...settings }: { type: string }): string {
  const parts = Object.entries(settings).map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : withoutPassword(String(value))}`,
  );
  return [type, ...parts].join(', ');
}

const withoutPassword = (text: string) => text.replace(/(:\/\/[^/@:]*):[^/@]+@/, '$1:…@');
