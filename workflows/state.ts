import { dependants } from '../pipelines/graph.ts';
import type { SlimStep } from '../pipelines/plan.ts';
import type { PlannedRun, StepOutcome } from '../pipelines/protocol.ts';
import type { ArtifactRef, ErrorInfo } from '../pipelines/run-result.ts';

// What one activity's inputs may bring along inline; beyond it the worker reads values from the database.
const INLINE_BUDGET = 256 * 1024;

/** Where a run stands: which steps have ended and how, which run, and which could start now. */
export class RunState {
  readonly steps: readonly SlimStep[];
  readonly ended = new Map<string, StepOutcome>();
  readonly running = new Set<string>();
  /** The failure that ends the run. Nothing new starts after it. */
  failure: { step: string; error: ErrorInfo } | undefined;
  private readonly byName: Map<string, SlimStep>;
  private readonly after: Map<string, string[]>;
  private readonly missing = new Map<string, number>();
  private readonly queue: SlimStep[] = [];

  constructor(planned: PlannedRun) {
    this.steps = planned.steps;
    this.byName = new Map(planned.steps.map((step) => [step.name, step]));
    this.after = dependants(planned.steps);
    for (const [name, outcome] of Object.entries(planned.done)) this.ended.set(name, outcome);
    for (const step of planned.steps) {
      if (this.ended.has(step.name)) continue;
      const open = step.dependsOn.filter((name) => !this.ended.has(name)).length;
      this.missing.set(step.name, open);
      if (open === 0) this.queue.push(step);
    }
  }

  get ready(): number {
    return this.failure ? 0 : this.queue.length;
  }

  /** The next step that can start; it counts as running from now on. */
  next(): SlimStep | undefined {
    const step = this.failure ? undefined : this.queue.shift();
    if (step) this.running.add(step.name);
    return step;
  }

  /** Notes how a step ended and makes ready what waited for it alone. */
  end(name: string, outcome: StepOutcome): void {
    this.running.delete(name);
    this.ended.set(name, outcome);
    if (outcome.status === 'failed') {
      this.failure ??= { step: name, error: outcome.error ?? { type: 'Error', message: 'failed' } };
      return;
    }
    for (const after of this.after.get(name) ?? []) {
      const open = (this.missing.get(after) ?? 0) - 1;
      this.missing.set(after, open);
      const step = this.byName.get(after);
      if (open === 0 && step) this.queue.push(step);
    }
  }

  /** The artifacts that a step takes, values left out beyond what one activity's argument may hold. */
  inputsOf(step: SlimStep): Record<string, ArtifactRef> {
    let budget = INLINE_BUDGET;
    const inputs: Record<string, ArtifactRef> = {};
    for (const [name, source] of Object.entries(step.inputs)) {
      const ref = this.ended.get(source.step)?.outputs[source.output];
      if (!ref) throw new Error(`step '${source.step}' has no output '${source.output}', which step '${step.name}' takes`);
      budget -= ref.value === undefined ? 0 : ref.size;
      const { value, ...bare } = ref;
      inputs[name] = budget < 0 && value !== undefined ? bare : ref;
    }
    return inputs;
  }

  /** Ends for the steps that will never run, with the reason. */
  abandon(status: 'skipped' | 'cancelled'): Record<string, StepOutcome> {
    const ends: Record<string, StepOutcome> = {};
    for (const step of this.steps) {
      if (this.ended.has(step.name)) continue;
      const outcome: StepOutcome = { status, reason: this.reason(step), attempts: 0, durationMs: 0, outputs: {} };
      ends[step.name] = outcome;
      this.running.delete(step.name);
      this.ended.set(step.name, outcome);
    }
    return ends;
  }

  private reason(step: SlimStep): string {
    const blocked = step.dependsOn.find((name) => ['failed', 'skipped'].includes(this.ended.get(name)?.status ?? ''));
    if (blocked) return `needs '${blocked}', which ${this.ended.get(blocked)?.status === 'failed' ? 'failed' : 'was skipped'}`;
    return this.failure ? `not started: step '${this.failure.step}' failed` : 'the run was cancelled';
  }
}
