import type { SlimStep } from '../pipelines/plan.ts';
import type { PlannedRun, StepOutcome, StepReport, WaitingApproval } from '../pipelines/protocol.ts';
import type { ArtifactRef, ErrorInfo } from '../pipelines/run-result.ts';
import { type Unit, unitsOf } from './units.ts';

// What one activity's inputs may bring along inline; beyond it the worker reads values from the database.
const INLINE_BUDGET = 256 * 1024;

/** Where a run stands: which steps have ended and how, which run, and which could start now. */
export class RunState {
  readonly steps: readonly SlimStep[];
  readonly ended = new Map<string, StepOutcome>();
  readonly running = new Set<string>();
  /** Approvals that have been asked for and not decided, by step. They hold up only what comes after them. */
  readonly waiting = new Map<string, WaitingApproval>();
  /** Outputs whose bytes nobody had made before, as `step.output`: nothing that takes one of them can be in the cache. */
  readonly novel = new Set<string>();
  /** The first failure: what the run ends with. */
  failure: { step: string; error: ErrorInfo } | undefined;
  /** Set by a failure that ends the run at once: nothing new starts after it. */
  stopped = false;
  private readonly byName: Map<string, SlimStep>;
  private readonly unitOf = new Map<string, Unit>();
  /** For each step, the units that wait for it. */
  private readonly waiters = new Map<string, Set<Unit>>();
  /** For each unit, the steps outside it that have not ended. */
  private readonly open = new Map<Unit, Set<string>>();
  private readonly queue: Unit[] = [];
  private skipped: Record<string, StepOutcome> = {};
  private readonly asked = new Set<string>();

  constructor(planned: PlannedRun) {
    this.steps = planned.steps;
    this.byName = new Map(planned.steps.map((step) => [step.name, step]));
    for (const [name, outcome] of Object.entries(planned.done)) {
      this.ended.set(name, outcome);
      if (outcome.status === 'failed' && !this.byName.get(name)?.hook) this.noteFailure(name, outcome);
    }
    const units = unitsOf(planned.steps);
    for (const unit of units) for (const step of unit.steps) this.unitOf.set(step.name, unit);
    for (const unit of units) {
      const open = new Set(
        unit.steps.flatMap((step) => step.dependsOn).filter((name) => this.unitOf.get(name) !== unit && !this.ended.has(name)),
      );
      this.open.set(unit, open);
      for (const name of open) {
        const waiters = this.waiters.get(name) ?? new Set();
        this.waiters.set(name, waiters.add(unit));
      }
    }
    for (const unit of units) {
      if (this.open.get(unit)?.size !== 0) continue;
      for (const [name, outcome] of this.offer(unit)) this.end(name, outcome);
    }
  }

  get ready(): number {
    return this.stopped ? 0 : this.queue.length;
  }

  /** The steps that make up the run's course, hooks left out. */
  get course(): readonly SlimStep[] {
    return this.steps.filter((step) => !step.hook);
  }

  /** The next steps that can start together; they count as running from now on. */
  next(): SlimStep[] {
    const unit = this.stopped ? undefined : this.queue.shift();
    const steps = unit?.steps.filter((step) => !this.ended.has(step.name)) ?? [];
    for (const step of steps) this.running.add(step.name);
    return steps;
  }

  /** Notes how a step ended, makes ready what waited for it alone, and skips what cannot run without it. */
  end(name: string, outcome: StepOutcome): void {
    // A list in place of recursion: a skip may run down a chain of thousands.
    const ends: [string, StepOutcome][] = [[name, outcome]];
    for (const [ended, how] of ends) {
      this.running.delete(ended);
      this.waiting.delete(ended);
      this.ended.set(ended, how);
      if (how.status === 'failed') this.noteFailure(ended, how);
      // A step is cancelled with its run: what comes after it is the run's end to give.
      if (how.status === 'cancelled') continue;
      for (const unit of this.waiters.get(ended) ?? []) {
        const open = this.open.get(unit);
        open?.delete(ended);
        if (open?.size === 0) ends.push(...this.offer(unit));
      }
    }
  }

  /** Notes what an activity reports of a step. */
  endWith(name: string, { novel, ...outcome }: StepReport): void {
    for (const output of novel ?? []) this.novel.add(`${name}.${output}`);
    this.end(name, outcome);
  }

  /** Ready steps that the cache may answer, if it is asked before a worker of their group is waited for. */
  askable(): SlimStep[] {
    if (this.stopped) return [];
    const isNew = (step: SlimStep) => Object.values(step.inputs).some((input) => this.novel.has(`${input.step}.${input.output}`));
    return this.queue
      .flatMap((unit) => unit.steps)
      .filter((step) => step.cached && !this.asked.has(step.name) && !isNew(step) && this.isFed(step));
  }

  /** Notes what the cache answered; steps that it was asked for are not asked for again. */
  answer(asked: readonly SlimStep[], answers: Record<string, StepOutcome>): void {
    for (const step of asked) this.asked.add(step.name);
    for (const [name, outcome] of Object.entries(answers)) this.end(name, outcome);
    for (const unit of [...this.queue]) {
      if (unit.steps.every((step) => this.ended.has(step.name))) this.queue.splice(this.queue.indexOf(unit), 1);
    }
  }

  /** Whether all that a step takes is there: inside a segment it may come from a step that runs with it. */
  private isFed(step: SlimStep): boolean {
    return step.dependsOn.every((name) => this.ended.has(name));
  }

  /** Ends of steps that were skipped since this was last asked: nobody else writes them down. */
  takeSkipped(): Record<string, StepOutcome> {
    const taken = this.skipped;
    this.skipped = {};
    return taken;
  }

  get hasSkipped(): boolean {
    return Object.keys(this.skipped).length > 0;
  }

  /** The artifacts that a step takes, values left out beyond what one activity's argument may hold. */
  inputsOf(step: SlimStep, budget = INLINE_BUDGET): Record<string, ArtifactRef> {
    let left = budget;
    const inputs: Record<string, ArtifactRef> = {};
    const made = Object.entries(step.inputs).map(([name, source]) => [name, this.ended.get(source.step)?.outputs[source.output]] as const);
    for (const [name, ref] of [...made, ...Object.entries(step.assets ?? {})]) {
      if (!ref) continue;
      left -= ref.value === undefined ? 0 : ref.size;
      const { value, ...bare } = ref;
      inputs[name] = left < 0 && value !== undefined ? bare : ref;
    }
    return inputs;
  }

  /** Ends for the steps that will never run, with the reason. Hooks are left alone. */
  abandon(status: 'skipped' | 'cancelled'): Record<string, StepOutcome> {
    const ends = this.takeSkipped();
    for (const step of this.course) {
      if (this.ended.has(step.name)) continue;
      const reason = this.blocker(step) ?? (this.failure ? `not started: step '${this.failure.step}' failed` : 'the run was cancelled');
      const outcome = notRun(status, reason);
      ends[step.name] = outcome;
      this.running.delete(step.name);
      this.waiting.delete(step.name);
      this.ended.set(step.name, outcome);
    }
    return ends;
  }

  private noteFailure(name: string, outcome: StepOutcome): void {
    this.failure ??= { step: name, error: outcome.error ?? { type: 'Error', message: 'failed' } };
    if (this.byName.get(name)?.onFailure !== 'continue') this.stopped = true;
  }

  /** A unit of which nothing is awaited any more: gives the ends of its steps that cannot run; with others it is ready. */
  private offer(unit: Unit): [string, StepOutcome][] {
    const ends: [string, StepOutcome][] = [];
    for (const step of unit.steps) {
      const reason = this.ended.has(step.name) ? undefined : this.blocker(step);
      if (!reason) continue;
      const outcome = notRun('skipped', reason);
      // At once: steps of the same unit may need it.
      this.ended.set(step.name, outcome);
      this.skipped[step.name] = outcome;
      ends.push([step.name, outcome]);
    }
    if (unit.steps.some((step) => !this.ended.has(step.name))) this.queue.push(unit);
    return ends;
  }

  /** Why a step cannot run: something that it cannot do without did not end well. */
  private blocker(step: SlimStep): string | undefined {
    const needed = new Set(step.after);
    for (const input of Object.values(step.inputs)) if (!input.optional) needed.add(input.step);
    for (const name of needed) {
      const status = this.ended.get(name)?.status;
      if (status === 'failed') return `needs '${name}', which failed`;
      if (status === 'skipped') return `needs '${name}', which was skipped`;
      if (status === 'cancelled') return `needs '${name}', which was cancelled`;
    }
    return undefined;
  }
}

const notRun = (status: 'skipped' | 'cancelled', reason: string): StepOutcome => ({
  status,
  reason,
  attempts: 0,
  durationMs: 0,
  outputs: {},
});
