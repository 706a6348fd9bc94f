import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type AttemptStatus,
  commitStep,
  endAttempt,
  listAttempts,
  type StepKey,
  startAttempt,
  writeEnds,
  writeProgress,
} from '../../metadata/index.ts';
import { failed, newKey, ref, started, succeeded, useDatabase } from './database.ts';

const on = useDatabase();

const start = async (key: StepKey, worker = 'w1') => started(await startAttempt(on.db, key, worker));

/** Starts an attempt and ends it; one that is left running is lost to the next. */
async function attempt(key: StepKey, status: Exclude<AttemptStatus, 'running'>, counted = false): Promise<void> {
  const { attempt } = await start(key);
  if (status !== 'lost') await endAttempt(on.db, { ...key, attempt }, { status, counted });
}

describe('startAttempt', () => {
  it('counts from 1 and says since when', async () => {
    const key = newKey();
    const before = performance.now();
    const first = await start(key);
    expect(first).toMatchObject({ attempt: 1, failures: 0, lostInARow: 0, sinceFirstMs: 0 });
    await endAttempt(on.db, { ...key, attempt: 1 }, { status: 'failed', counted: true });
    await sleep(20);
    const second = await start(key, 'w2');
    expect(second).toMatchObject({ attempt: 2, failures: 1, lostInARow: 0 });
    expect(second.sinceFirstMs).toBeGreaterThan(15);
    expect(second.sinceFirstMs).toBeLessThan(performance.now() - before);
  });

  it('gives a step that has ended its end, and starts nothing', async () => {
    const key = newKey();
    await start(key);
    const end = succeeded({ model: ref({ a: null }, key.runId) });
    await commitStep(on.db, { ...key, attempt: 1, end, inputs: {} });
    expect(await startAttempt(on.db, key, 'w2')).toEqual({ end });
    expect(await listAttempts(on.db, key)).toHaveLength(1);
  });

  it.each([
    ['a failure', failed()],
    ['a skip', { status: 'skipped' as const, reason: "needs 'load', which failed", attempts: 0, durationMs: 0, outputs: {} }],
  ])('gives the end also where it is %s, with nothing that is null', async (_, end) => {
    const key = newKey();
    await writeEnds(on.db, key, { [key.step]: end });
    expect(await startAttempt(on.db, key, 'w')).toStrictEqual({ end });
  });

  it('marks an attempt that never ended as lost, and clears what it reported', async () => {
    const key = newKey();
    await start(key, 'dead');
    await writeProgress(on.db, { ...key, attempt: 1 }, 0.5, 'half way');
    expect(await listAttempts(on.db, key)).toMatchObject([
      { status: 'running', progress: 0.5, progressMessage: 'half way', worker: 'dead' },
    ]);
    expect(await start(key, 'alive')).toMatchObject({ attempt: 2, failures: 0, lostInARow: 1 });
    expect(await listAttempts(on.db, key)).toMatchObject([
      { attempt: 1, status: 'lost', counted: false, progress: null, progressMessage: null, endedAt: expect.any(Date), worker: 'dead' },
      { attempt: 2, status: 'running', endedAt: null, worker: 'alive' },
    ]);
  });

  it('counts only failures that use up an attempt', async () => {
    const key = newKey();
    await attempt(key, 'failed', true);
    await attempt(key, 'failed', false);
    await attempt(key, 'cancelled');
    await attempt(key, 'lost');
    await attempt(key, 'failed', true);
    expect(await start(key)).toMatchObject({ attempt: 6, failures: 2, lostInARow: 0 });
  });

  it('counts lost attempts in a row', async () => {
    const key = newKey();
    for (let i = 0; i < 5; i++) await attempt(key, 'lost');
    expect(await start(key)).toMatchObject({ attempt: 6, lostInARow: 5, failures: 0 });
  });

  it.each([
    ['failed', true],
    ['failed', false],
    ['cancelled', false],
  ] as const)('begins the row anew after an attempt that %s (counted: %s)', async (status, counted) => {
    const key = newKey();
    for (let i = 0; i < 4; i++) await attempt(key, 'lost');
    await attempt(key, status, counted);
    await attempt(key, 'lost');
    expect(await start(key)).toMatchObject({ attempt: 7, lostInARow: 1 });
  });

  it('never gives two the same number, however many start at once', async () => {
    const key = newKey();
    const starts = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => start(key, `w${i}`)));
    const numbers = starts.flatMap((s) => (s.status === 'fulfilled' ? [s.value.attempt] : []));
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBe(numbers.length);
    // Those that lost the race made no attempt, and may simply ask again.
    expect((await start(key)).attempt).toBe(Math.max(...numbers) + 1);
  });

  it('keeps apart the steps of a run, and runs that have used an id before', async () => {
    const key = newKey();
    await attempt(key, 'failed', true);
    await commitStep(on.db, { ...key, attempt: 1, end: failed(), inputs: {} });
    const fresh = { attempt: 1, failures: 0, lostInARow: 0 };
    expect(await start({ ...key, step: 'other' })).toMatchObject(fresh);
    expect(await start({ ...key, executionId: 'another' })).toMatchObject(fresh);
  });
});

describe('endAttempt', () => {
  it('keeps status, error and whether it counts', async () => {
    const key = newKey();
    await start(key);
    const error = { type: 'TypeError', message: 'no such column' };
    await endAttempt(on.db, { ...key, attempt: 1 }, { status: 'failed', counted: true, error });
    expect(await listAttempts(on.db, key)).toMatchObject([{ status: 'failed', counted: true, error, endedAt: expect.any(Date) }]);
  });

  it('does not change an attempt that was given up meanwhile', async () => {
    const key = newKey();
    await start(key);
    await start(key);
    await endAttempt(on.db, { ...key, attempt: 1 }, { status: 'failed', counted: true });
    await writeProgress(on.db, { ...key, attempt: 1 }, 0.9, 'still here');
    expect(await listAttempts(on.db, key)).toMatchObject([{ status: 'lost', counted: false, progress: null }, { status: 'running' }]);
  });
});

describe('texts that PostgreSQL cannot hold', () => {
  const text = 'page 3: \u0000 and \ud83d here, 👩‍🔬 "é\\u0000"';
  const kept = 'page 3: \ufffd and \ufffd here, 👩‍🔬 "é\\u0000"';

  it('are kept readable in the errors of attempts and steps', async () => {
    const key = newKey();
    await start(key);
    await endAttempt(on.db, { ...key, attempt: 1 }, { status: 'failed', counted: true, error: { type: 'Error', message: text } });
    await start(key);
    const { end } = await commitStep(on.db, { ...key, attempt: 2, end: failed(text), inputs: {} });
    expect(end).toEqual(failed(kept));
    expect(await startAttempt(on.db, key, 'w')).toEqual({ end });
    expect((await listAttempts(on.db, key)).map((row) => row.error?.message)).toEqual([kept, kept]);
  });

  it('are kept readable in progress and in ends that no attempt made', async () => {
    const key = newKey();
    await start(key);
    await writeProgress(on.db, { ...key, attempt: 1 }, 0.1, text);
    expect(await listAttempts(on.db, key)).toMatchObject([{ progressMessage: kept }]);
    await writeEnds(on.db, key, { [key.step]: { ...failed(text), reason: text } });
    expect(await startAttempt(on.db, key, 'w')).toEqual({ end: { ...failed(kept), reason: kept } });
  });
});

it('an error longer than anyone reads is cut, in attempts and in steps', async () => {
  const key = newKey();
  await start(key);
  const error = { type: 'T'.repeat(5000), message: 'é'.repeat(3_000_000) };
  await endAttempt(on.db, { ...key, attempt: 1 }, { status: 'failed', counted: true, error });
  const { end } = await commitStep(on.db, { ...key, attempt: 2, end: { ...failed(), error }, inputs: {} });
  const cut = { type: 'T'.repeat(200), message: `${'é'.repeat(10_000)}… (2990000 more characters)` };
  expect(end.error).toEqual(cut);
  expect(await listAttempts(on.db, key)).toMatchObject([{ error: cut }]);
});
