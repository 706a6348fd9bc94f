import { describe, expect, it } from 'vitest';
import { listSlotWaits, releaseSlot, renewSlot, type SlotClaim, takeSlot } from '../../metadata/index.ts';
import { newKey, useDatabase } from './database.ts';

const on = useDatabase();

let groups = 0;
const newGroup = () => `g${++groups}`;
const claimOf = (group: string, more: Partial<SlotClaim> = {}): SlotClaim => ({
  key: newKey(),
  project: 'p',
  group,
  max: 1,
  priority: 3,
  holder: `h${Math.random()}`,
  ...more,
});
const take = (claim: SlotClaim) => takeSlot(on.db, claim);
const WAITS = { held: false };
const HELD = { held: true };
const silent = (claim: SlotClaim) =>
  on.db.client`update flowyml.slots set until = now() - interval '3 seconds' where run_id = ${claim.key.runId}`;

describe('a slot', () => {
  it('is one of as many as the group has, each for one claim', async () => {
    const group = newGroup();
    const [a, b, c] = [1, 2, 3].map(() => claimOf(group, { max: 2 })) as [SlotClaim, SlotClaim, SlotClaim];
    expect([await take(a), await take(b)]).toEqual([HELD, HELD]);
    expect(await take(c)).toMatchObject(WAITS);
    expect(await take(claimOf(newGroup()))).toEqual(HELD);
    expect(await take({ ...c, project: 'other', key: newKey() })).toEqual(HELD);
    await releaseSlot(on.db, a);
    expect(await take(c)).toEqual(HELD);
  });

  it('is given to as many as fit, however many ask at once', async () => {
    const group = newGroup();
    const answers = await Promise.all(Array.from({ length: 30 }, () => take(claimOf(group, { max: 3 }))));
    expect(answers.filter(({ held }) => held)).toHaveLength(3);
  });

  it('passes on once its holder is silent, and is no more the holder’s to give back', async () => {
    const group = newGroup();
    const [dead, next] = [claimOf(group), claimOf(group)];
    await take(dead);
    await silent(dead);
    expect(await take(next)).toEqual(HELD);
    await releaseSlot(on.db, { ...next, holder: dead.holder });
    expect(await take(claimOf(group))).toMatchObject(WAITS);
  });

  it('holds for as long again when it is renewed', async () => {
    const group = newGroup();
    const claim = claimOf(group);
    await take(claim);
    await silent(claim);
    await renewSlot(on.db, claim);
    expect(await take(claimOf(group))).toMatchObject(WAITS);
  });

  it('is not given twice to one step: an earlier attempt may run still', async () => {
    const claim = claimOf(newGroup(), { max: 5 });
    await take(claim);
    expect(await take({ ...claim, holder: 'again' })).toMatchObject(WAITS);
    await silent(claim);
    expect(await take({ ...claim, holder: 'again' })).toEqual(HELD);
  });

  it('goes to who asked first, and to a higher priority before that', async () => {
    const group = newGroup();
    const holder = claimOf(group);
    await take(holder);
    const [first, second, urgent] = [claimOf(group), claimOf(group), claimOf(group, { priority: 1 })];
    expect(await take(first)).toMatchObject({ ahead: 0 });
    expect(await take(second)).toMatchObject({ ahead: 1 });
    expect(await take(urgent)).toMatchObject({ ahead: 0 });
    expect(await take(first)).toMatchObject({ ahead: 1 });
    await releaseSlot(on.db, holder);
    expect(await take(second)).toMatchObject(WAITS);
    expect(await take(urgent)).toEqual(HELD);
    await releaseSlot(on.db, urgent);
    expect(await take(first)).toEqual(HELD);
  });

  it('is not kept for one who waits and does not come back', async () => {
    const group = newGroup();
    const [holder, gone, next] = [claimOf(group), claimOf(group), claimOf(group)];
    await take(holder);
    await take(gone);
    await releaseSlot(on.db, holder);
    expect(await take(next)).toMatchObject(WAITS);
    await silent(gone);
    expect(await take(next)).toEqual(HELD);
  });

  it('is one of the fewer, where pipelines disagree', async () => {
    const group = newGroup();
    const [strict, lax] = [claimOf(group, { max: 1 }), claimOf(group, { max: 3 })];
    await take(strict);
    expect(await take(lax)).toMatchObject(WAITS);
    await releaseSlot(on.db, strict);
    expect(await take(lax)).toEqual(HELD);
    expect(await take(strict)).toMatchObject(WAITS);
  });

  it('is asked for the less often the more wait, and the fewer tasks the queue hands out', async () => {
    const group = newGroup();
    await take(claimOf(group));
    const delays: number[] = [];
    for (let i = 0; i < 60; i++) {
      const answer = await take(claimOf(group));
      if (!answer.held) delays.push(answer.delayMs);
    }
    expect(delays[0]).toBeLessThan(500);
    expect(delays[59]).toBeGreaterThan(7000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(12_500);
    expect(await take(claimOf(group, { maxPerSecond: 0.1, priority: 1 }))).toSatisfy((answer) => answer.delayMs > 14_000);
  });
});

it('a run’s waits are listed, without what it holds', async () => {
  const group = newGroup();
  const [holds, waits] = [claimOf(group), claimOf(group)];
  await take(holds);
  await take(waits);
  expect(await listSlotWaits(on.db, holds.key)).toEqual([]);
  expect(await listSlotWaits(on.db, waits.key)).toEqual([{ step: 'train', group, max: 1 }]);
});
