import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import {
  type AttemptStart,
  type Claim,
  type Database,
  findEntries,
  readEnd,
  releaseSlot,
  renewSlot,
  type SlotClaim,
  takeSlot,
} from '../metadata/index.ts';
import type { GroupLimits } from '../pipelines/group-limits.ts';
import type { Trial } from './attempt.ts';

const RENEW_MS = 3000;

/** What one task holds of its group while its steps run: nothing, where the group has no limit. */
export class GroupSlot {
  private held: { claim: SlotClaim; renewing: NodeJS.Timeout } | undefined;

  private readonly deps: { db: Database; project: string; limits: ReadonlyMap<string, GroupLimits> };

  constructor(deps: GroupSlot['deps']) {
    this.deps = deps;
  }

  /**
   * Takes a slot for a step that is to be tried, once for all steps of a task. One that has ended, or that the cache
   * answers, needs none: that is given instead.
   * @throws ApplicationFailure of type GroupFull, retryable: the worker's own slot is given back meanwhile
   */
  async take(
    { key, step, run, endIndex }: Trial,
    entry?: Claim,
  ): Promise<Extract<AttemptStart, { end: unknown } | { hit: unknown }> | undefined> {
    const { maxConcurrent: max, maxPerSecond } = this.deps.limits.get(step.group ?? '') ?? {};
    if (max === undefined || step.group === undefined || this.held) return undefined;
    const { db, project } = this.deps;
    const end = await readEnd(db, endIndex === undefined ? key : { ...key, index: endIndex });
    if (end) return { end };
    const hit = entry?.read ? (await findEntries(db, [entry.key])).get(entry.key) : undefined;
    if (hit) return { hit };

    const claim: SlotClaim = { key, project, group: step.group, max, maxPerSecond, priority: run.priority, holder: randomUUID() };
    const answer = await takeSlot(db, claim);
    if (!answer.held) {
      throw ApplicationFailure.create({
        message: `waits for a slot of group '${step.group}' (max ${max})${answer.ahead ? `: ${answer.ahead} wait before it` : ''}`,
        type: 'GroupFull',
        nonRetryable: false,
        nextRetryDelay: answer.delayMs,
      });
    }
    // A renewal that fails is made up for by the next: the database may be away for a moment.
    this.held = { claim, renewing: setInterval(() => void renewSlot(db, claim).catch(() => {}), RENEW_MS) };
    return undefined;
  }

  /** Gives back what is held. Where the database is away, it ends by itself. */
  async release(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    if (!held) return;
    clearInterval(held.renewing);
    await releaseSlot(this.deps.db, held.claim).catch(() => {});
  }
}
