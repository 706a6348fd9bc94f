import type { SlimStep } from '../../pipelines/plan.ts';
import type { PlannedRun, StepOutcome } from '../../pipelines/protocol.ts';
import type { ArtifactRef, ErrorInfo } from '../../pipelines/run-result.ts';

/** `'a b -> c'`: step c waits for a and b by `after`. More of a step is given as an object. */
export function planned(steps: readonly (string | Partial<SlimStep>)[], done: Record<string, StepOutcome> = {}): PlannedRun {
  return {
    version: 'v1',
    project: 'shop',
    stack: 'local',
    steps: steps.map((step) => (typeof step === 'string' ? fromText(step) : { name: '?', inputs: {}, dependsOn: [], ...step })),
    done,
    searchAttributes: true,
  };
}

function fromText(text: string): SlimStep {
  const words = text.split(/\s*->\s*/);
  const name = words.pop() ?? '';
  const after = words[0]?.split(' ') ?? [];
  return { name, inputs: {}, dependsOn: after, ...(after.length ? { after } : {}) };
}

/** A step that takes one output of each of others: `taking('join', { x: 'a.x' })`. */
export function taking(name: string, inputs: Record<string, string>, more: Partial<SlimStep> = {}): SlimStep {
  const sources = Object.entries(inputs).map(([input, from]) => {
    const [step = '', output = ''] = from.replace('?', '').split('.');
    return [input, { step, output, ...(from.endsWith('?') ? { optional: true as const } : {}) }] as const;
  });
  return { name, inputs: Object.fromEntries(sources), dependsOn: [...new Set(sources.map(([, { step }]) => step))], ...more };
}

export const ok = (outputs: Record<string, ArtifactRef> = {}): StepOutcome => ({
  status: 'succeeded',
  attempts: 1,
  durationMs: 5,
  outputs,
});
export const failure: ErrorInfo = { type: 'TypeError', message: 'no such column' };
export const bad: StepOutcome = { status: 'failed', attempts: 1, durationMs: 5, outputs: {}, error: failure };
export const skipped = (reason = 'its condition was not met'): StepOutcome => ({
  status: 'skipped',
  reason,
  attempts: 1,
  durationMs: 1,
  outputs: {},
});

/** What a step that never ran is given. */
export const notRun = (status: 'skipped' | 'cancelled', reason: string): StepOutcome => ({
  status,
  reason,
  attempts: 0,
  durationMs: 0,
  outputs: {},
});
