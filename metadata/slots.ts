import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type postgres from 'postgres';
import { type Database, whileConnected } from './database.ts';
import { type RunKey, type StepKey, WHOLE } from './keys.ts';
import { slots } from './schema.ts';

/** A step, batch or segment that wants one of its group's slots. */
export interface SlotClaim {
  key: StepKey;
  project: string;
  group: string;
  /** How many of the group may run at once; where others say less, theirs holds while they run or are next in line. */
  max: number;
  /** Who waits is served by priority, 1 first, then in the order of their first asking. */
  priority: number;
  /** Tasks of the group's queue a second, where that is limited: who waits must not use them up by asking. */
  maxPerSecond?: number | undefined;
  /** Names the attempt that is to hold it. */
  holder: string;
}

/** Whether the slot is held now; else how many wait before it, and when to ask again. */
export type SlotAnswer = { held: true } | { held: false; ahead: number; delayMs: number };

// An earlier attempt of the same step seems to run still: it ends, or its lease does.
const STILL_HELD = { held: false, ahead: 0, delayMs: 1000 } as const;

/** Takes a slot of a group if one is free and nobody who waits longer is about to ask for it; else notes that it waits. */
export async function takeSlot(db: Database, claim: SlotClaim): Promise<SlotAnswer> {
  const [row] = await db.client.begin((transaction) => whileConnected(claimSlot(transaction as unknown as postgres.Sql, claim)));
  if (!row) return STILL_HELD;
  return row.held ? { held: true } : { held: false, ahead: row.ahead, delayMs: Math.round(row.delay_ms) };
}

async function claimSlot(client: postgres.Sql, claim: SlotClaim): Promise<{ held: boolean; ahead: number; delay_ms: number }[]> {
  const { key, project, group, max, priority, maxPerSecond, holder } = claim;
  const { runId, executionId, step, index = WHOLE } = key;
  // One at a time for each group: the next statement must see what the one before has written.
  await client`select pg_advisory_xact_lock(hashtextextended(${`flowyml slots\n${project}\n${group}`}, 0))`;
  // Who sleeps for long, being far behind, does not hold up a slot that is free; nor who should have asked and did not.
  return client<{ held: boolean; ahead: number; delay_ms: number }[]>`
      with clock as (
        select statement_timestamp() as at
      ), me as (
        select at, coalesce((select since from flowyml.slots
          where run_id = ${runId} and execution_id = ${executionId} and step = ${step} and index = ${index}), at) as since from clock
      ), of_group as (
        select slots.*, (run_id, execution_id, step, index) = (${runId}, ${executionId}, ${step}, ${index}::int) as own
        from flowyml.slots where project = ${project} and group_name = ${group}
      ), running as (
        select count(*) as number, least(${max}::int, min(max)) as most from of_group, clock where holder is not null and until > at
      ), before as (
        select count(*)::int as number, count(*) filter (where until < at + interval '500 ms') as due from of_group, me
        where holder is null and not own and until > at - interval '1500 ms' and (priority, of_group.since) < (${priority}::int, me.since)
      ), verdict as (
        select running.number + before.due < most as free, before.number as ahead,
          greatest(least(10000, 300 * (1 + before.number / most)), 2000 * (1 + before.number) / ${maxPerSecond ?? null}::float8)
            * (0.75 + random() / 2) as delay_ms
        from running, before
      ), written as (
        insert into flowyml.slots (run_id, execution_id, step, index, project, group_name, holder, max, priority, since, until)
        select ${runId}, ${executionId}, ${step}, ${index}, ${project}, ${group}, case when free then ${holder} end, ${max}, ${priority}, since,
          at + case when free then interval '10 seconds' else delay_ms * interval '1 ms' end
        from verdict, me
        on conflict (run_id, execution_id, step, index) do update
          set project = excluded.project, group_name = excluded.group_name, holder = excluded.holder, max = excluded.max,
            priority = excluded.priority, since = excluded.since, until = excluded.until
          where slots.holder is null or slots.until <= statement_timestamp()
        returning holder
      )
      select written.holder is not null as held, ahead, delay_ms from verdict, written`;
}

const heldBy = ({ key, holder }: Pick<SlotClaim, 'key' | 'holder'>) =>
  and(
    eq(slots.runId, key.runId),
    eq(slots.executionId, key.executionId),
    eq(slots.step, key.step),
    eq(slots.index, key.index ?? WHOLE),
    eq(slots.holder, holder),
  );

/** Keeps a slot for as long again. */
export async function renewSlot(db: Database, claim: Pick<SlotClaim, 'key' | 'holder'>): Promise<void> {
  await db.orm.update(slots).set({ until: sql`now() + interval '10 seconds'` }).where(heldBy(claim));
}

/** Gives a slot back. */
export async function releaseSlot(db: Database, claim: Pick<SlotClaim, 'key' | 'holder'>): Promise<void> {
  await db.orm.delete(slots).where(heldBy(claim));
}

export interface SlotWait {
  step: string;
  group: string;
  max: number;
}

/** The steps of a run that wait for a slot of their group. */
export async function listSlotWaits(db: Database, run: RunKey): Promise<SlotWait[]> {
  return db.orm
    .select({ step: slots.step, group: slots.group, max: slots.max })
    .from(slots)
    .where(
      and(
        eq(slots.runId, run.runId),
        eq(slots.executionId, run.executionId),
        isNull(slots.holder),
        gt(slots.until, sql`now() - interval '5 seconds'`),
      ),
    );
}

/** Removes what attempts left behind that never came back. */
export async function removeOldSlots(db: Database): Promise<void> {
  await db.orm.delete(slots).where(lt(slots.until, sql`now() - interval '1 hour'`));
}
