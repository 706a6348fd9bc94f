import { UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { activeStack, chooseStack, keepStack, registeredStack, registeredStacks } from './active-stack.ts';
import { findProject } from './project.ts';
import type { Stack } from './stack-classes.ts';

/** Stacks by name, and which of them is in use. Stacks made in code are known to this program only; runs carry them along. */
export class StackRegistry {
  private readonly stacks = new Map<string, Stack>();

  /** Takes a stack in; one of the same name is replaced. */
  registerStack(stack: Stack, options: { setActive?: boolean } = {}): this {
    this.stacks.set(stack.name, stack);
    keepStack(stack.toJSON());
    if (options.setActive) this.setActiveStack(stack.name);
    return this;
  }

  /** The names, in order of registration. */
  listStacks(): string[] {
    return [...this.stacks.keys()];
  }

  /** @throws UsageError for a name that is not registered */
  getStack(name: string): Stack {
    const stack = this.stacks.get(name);
    if (!stack) throw new UsageError(`no stack is registered as '${name}'${hint(name, this.stacks.keys())}`);
    return stack;
  }

  /** From now on the stack of pipelines and runs of this program that name none. Throws UsageError for an unknown name. */
  setActiveStack(name: string): void {
    this.getStack(name);
    chooseStack(name);
  }

  /** The stack in use; undefined where that is none of this registry's. */
  getActiveStack(): Stack | undefined {
    return this.stacks.get(activeStack() ?? '');
  }
}

/**
 * Chooses the stack of pipelines and runs of this program that name none: one of flowyml.yaml, or one that was registered.
 * `flowyml stack set` chooses for every program of the project.
 * @throws UsageError for an unknown name
 */
export function setActiveStack(name: string): void {
  const known = [...registeredStacks(), ...Object.keys(findProject(undefined, { check: false }).stacks)];
  if (!known.includes(name)) throw new UsageError(`no stack is named '${name}'${hint(name, known)}`);
  chooseStack(name);
}

/** The stack in use, as data: this program's choice, else that of the environment or flowyml.yaml. */
export function getActiveStack(): StackSpec {
  const own = activeStack();
  const inCode = own === undefined ? undefined : registeredStack(own);
  if (inCode) return inCode;
  const { stack, stacks } = findProject(undefined, { check: false });
  return stacks[stack] as StackSpec;
}
