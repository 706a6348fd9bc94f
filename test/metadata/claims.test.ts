import { describe, expect, it } from 'vitest';
import {
  type Claim,
  commitStep,
  dropEntries,
  endAttempt,
  listAttempts,
  releaseLease,
  removeOldLeases,
  type StepKey,
  startAttempt,
} from '../../metadata/index.ts';
import { newKey, ref, started, succeeded, useDatabase } from './database.ts';

const on = useDatabase();

let keys = 0;
const parts = { code: 'c', inputs: {}, params: {} };
const claimOf = (holder: string, key = `key-${++keys}`): Claim => ({ key, holder, read: true });
const start = (key: StepKey, claim: Claim) => startAttempt(on.db, key, 'w', { claim });

async function compute(key: StepKey, claim: Claim): Promise<void> {
  const { attempt } = started(await start(key, claim));
  const end = succeeded({ x: ref('1') });
  await commitStep(on.db, { ...key, attempt, end, inputs: {}, entry: { ...claim, parts, pipeline: 'p' } });
}

describe('an attempt with a claim', () => {
  it('starts where nobody has a result, and gives the result once there is one', async () => {
    const [first, second] = [newKey(), newKey()];
    const claim = claimOf('first');
    await compute(first, claim);
    const { holder, ...rest } = claim;
    expect(await start(second, { ...rest, holder: 'second' })).toMatchObject({ hit: { key: claim.key, runId: first.runId } });
    expect(await listAttempts(on.db, second)).toEqual([]);
  });

  it('does not start while another holds the lease; the holder itself may start again', async () => {
    const [first, second] = [newKey(), newKey()];
    const claim = claimOf('first');
    started(await start(first, claim));
    expect(await start(second, { ...claim, holder: 'second' })).toEqual({ taken: true });
    expect(await listAttempts(on.db, second)).toEqual([]);
    expect(started(await start(first, claim))).toMatchObject({ attempt: 2, lostInARow: 1 });
    await releaseLease(on.db, claim.key, 'first');
    expect(started(await start(second, { ...claim, holder: 'second' })).attempt).toBe(1);
  });

  it('takes over the lease of a holder that has gone silent', async () => {
    const [first, second] = [newKey(), newKey()];
    const claim = claimOf('first');
    started(await start(first, claim));
    await on.db.client`update flowyml.leases set until = now() - interval '1 second' where key = ${claim.key}`;
    expect(started(await start(second, { ...claim, holder: 'second' })).attempt).toBe(1);
    // Who comes back then finds it taken.
    expect(await start(first, claim)).toEqual({ taken: true });
  });

  it('of a step that has ended gives its end, and takes no lease', async () => {
    const key = newKey();
    const { attempt } = started(await startAttempt(on.db, key, 'w'));
    const end = succeeded({ x: ref('1') });
    await commitStep(on.db, { ...key, attempt, end, inputs: {} });
    const claim = claimOf('first');
    expect(await start(key, claim)).toEqual({ end });
    expect(started(await start(newKey(), { ...claim, holder: 'second' })).attempt).toBe(1);
  });

  it('computes once, however many ask at once', async () => {
    const claim = claimOf('');
    const all = Array.from({ length: 40 }, (_, i) => ({ key: newKey(), claim: { ...claim, holder: `h${i}` } }));
    const starts = await Promise.all(all.map(({ key, claim }) => start(key, claim)));
    expect(starts.filter((each) => 'attempt' in each)).toHaveLength(1);
    expect(starts.filter((each) => 'taken' in each)).toHaveLength(39);
  });

  it('that refuses what is there computes again, though a result stands', async () => {
    const claim = claimOf('first');
    await compute(newKey(), claim);
    const again = newKey();
    const { attempt } = started(await start(again, { ...claim, holder: 'second', read: false }));
    await endAttempt(on.db, { ...again, attempt }, { status: 'failed', counted: true });
  });

  it('starts at once after the entry was removed', async () => {
    const claim = claimOf('first');
    await compute(newKey(), claim);
    expect(await dropEntries(on.db, [claim.key])).toBe(1);
    expect(started(await start(newKey(), { ...claim, holder: 'second' })).attempt).toBe(1);
  });

  it('leaves a lease that is removed once it is old', async () => {
    const [done, open] = [claimOf('first'), claimOf('first')];
    await compute(newKey(), done);
    started(await start(newKey(), open));
    const left = () => on.db.client`select key from flowyml.leases where key in (${done.key}, ${open.key})`;
    await removeOldLeases(on.db);
    expect(await left()).toHaveLength(2);
    await on.db.client`update flowyml.leases set until = now() - interval '2 hours' where key in (${done.key}, ${open.key})`;
    await removeOldLeases(on.db);
    expect(await left()).toEqual([]);
    expect(await start(newKey(), { ...done, holder: 'second' })).toHaveProperty('hit');
  });
});
