import type { StackSpec } from '../pipelines/stack-spec.ts';

let active: string | undefined;
/** Stacks that were made in code and registered, by name. */
const registered = new Map<string, StackSpec>();

/** The stack that this program chose by `setActiveStack()`. */
export const activeStack = (): string | undefined => active;

/** Undefined: the environment and flowyml.yaml say which one it is. */
export function chooseStack(name: string | undefined): void {
  active = name;
}

/** The program's choice as a run carries it: a name of flowyml.yaml, or a stack made in code. */
export const chosenStack = (): string | StackSpec | undefined => (active === undefined ? undefined : (registered.get(active) ?? active));

export function keepStack(spec: StackSpec): void {
  registered.set(spec.name, spec);
}

export const registeredStack = (name: string): StackSpec | undefined => registered.get(name);
export const registeredStacks = (): string[] => [...registered.keys()];
