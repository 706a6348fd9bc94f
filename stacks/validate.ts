import type { StackSpec } from '../pipelines/stack-spec.ts';

/** What was found out about a component of a stack. */
export interface StackCheck {
  component: string;
  ok: boolean;
  /** What it is, or what is wrong. */
  detail: string;
  /** What to do about it: the very command, where there is one. */
  remedy?: string;
}

/** Asks every component of a stack whether it can be used. */
export async function validateStack(_spec: StackSpec, _project?: { root: string; name: string }): Promise<StackCheck[]> {
  return [];
}
