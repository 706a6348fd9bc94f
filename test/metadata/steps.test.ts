import { describe, expect, it } from 'vitest';
import {
  commitStep,
  FALLBACK,
  listAttempts,
  readBatches,
  readEnd,
  readEnds,
  type StepEnd,
  startAttempt,
  writeEnds,
  writeStepEnd,
} from '../../metadata/index.ts';
import { behind, failed, newKey, ref, started, succeeded, useDatabase } from './database.ts';

const on = useDatabase();

const lineageOf = (runId: string) => on.db.client`
  select direction, name, sha256 from flowyml.lineage where run_id = ${runId} order by direction, name`;

describe('commitStep', () => {
  it('writes the end, the artifacts, the lineage and the end of the attempt', async () => {
    const key = newKey();
    const { attempt } = started(await startAttempt(on.db, key, 'w1'));
    const [data, model] = [ref([1, 2, 3]), ref({ weight: 2.5 }, key.runId)];
    const end = succeeded({ model });
    const committed = await commitStep(on.db, { ...key, attempt, end, inputs: { data } });

    expect(committed).toEqual({ end, novel: ['model'] });
    expect(await readEnds(on.db, key)).toEqual({ train: end });
    expect(await lineageOf(key.runId)).toEqual([
      { direction: 'in', name: 'data', sha256: data.sha256 },
      { direction: 'out', name: 'model', sha256: model.sha256 },
    ]);
    expect(await listAttempts(on.db, key)).toMatchObject([
      { attempt: 1, status: 'succeeded', counted: false, error: null, endedAt: expect.any(Date) },
    ]);
  });

  it('keeps a failure with its error, and says so of the attempt', async () => {
    const key = newKey();
    const { attempt } = started(await startAttempt(on.db, key, 'w1'));
    const end = failed();
    expect(await commitStep(on.db, { ...key, attempt, end, inputs: {} })).toEqual({ end, novel: [] });
    expect(await readEnds(on.db, key)).toEqual({ train: end });
    expect(await listAttempts(on.db, key)).toMatchObject([{ status: 'failed', error: end.error }]);
  });

  it('lets the first end stay; the attempt that came second says what became of itself', async () => {
    const key = newKey();
    const first = started(await startAttempt(on.db, key, 'w1'));
    const second = started(await startAttempt(on.db, key, 'w2'));
    const end = succeeded({ model: ref(1, `${key.runId}-1`) }, first.attempt);
    await commitStep(on.db, { ...key, attempt: first.attempt, end, inputs: {} });
    const late = await commitStep(on.db, {
      ...key,
      attempt: second.attempt,
      end: succeeded({ model: ref(2, `${key.runId}-2`) }, second.attempt),
      inputs: { other: ref(0) },
    });

    expect(late.end).toEqual(end);
    expect(await readEnds(on.db, key)).toEqual({ train: end });
    expect((await lineageOf(key.runId)).map((row) => row.name)).toEqual(['model']);
    expect((await listAttempts(on.db, key)).map((row) => row.status)).toEqual(['succeeded', 'succeeded']);
  });

  it('gives a failure that came second the success that stands', async () => {
    const key = newKey();
    const { attempt } = started(await startAttempt(on.db, key, 'w1'));
    const end = { ...succeeded(), status: 'skipped' as const, reason: "needs 'load', which failed" };
    await writeEnds(on.db, key, { [key.step]: end });
    expect(await commitStep(on.db, { ...key, attempt, end: failed(), inputs: {} })).toEqual({ end, novel: [] });
  });

  it('gives the end that stands also where it was committed in the same moment', async () => {
    const key = newKey();
    const standing = failed('quicker');
    const mine = succeeded({ model: ref(1, key.runId) }, 2);
    const committed = await behind(
      on.db,
      (sql) => sql`insert into flowyml.steps (run_id, execution_id, step, status, attempts, duration_ms, outputs, error)
        values (${key.runId}, ${key.executionId}, ${key.step}, ${standing.status}, ${standing.attempts}, ${standing.durationMs}, '{}',
                ${JSON.stringify(standing.error)}::text::jsonb)`,
      () => commitStep(on.db, { ...key, attempt: 2, end: mine, inputs: {} }),
    );
    expect(committed.end).toEqual(standing);
    expect(await readEnds(on.db, key)).toEqual({ train: standing });
  });

  it('gives all of many commits at once the same end', async () => {
    const key = newKey();
    const commits = Array.from({ length: 16 }, (_, i) =>
      commitStep(on.db, { ...key, attempt: i + 1, end: succeeded({ model: ref(i, `${key.runId}-${i}`) }, i + 1), inputs: {} }),
    );
    const ends = (await Promise.all(commits)).map(({ end }) => end);
    const [standing] = Object.values(await readEnds(on.db, key));
    expect(standing?.status).toBe('succeeded');
    for (const end of ends) expect(end).toEqual(standing);
  });

  it('names as novel only the outputs whose bytes nobody had made', async () => {
    const [a, b] = [newKey(), newKey()];
    const [known, fresh] = [ref('known', a.runId), ref('fresh', b.runId)];
    expect((await commitStep(on.db, { ...a, attempt: 1, end: succeeded({ known }), inputs: {} })).novel).toEqual(['known']);
    const second = await commitStep(on.db, { ...b, attempt: 1, end: succeeded({ again: known, fresh }), inputs: {} });
    expect(second.novel).toEqual(['fresh']);
  });

  it('names both of two outputs with the same new bytes', async () => {
    const key = newKey();
    const twin = ref('twin', key.runId);
    const { novel } = await commitStep(on.db, { ...key, attempt: 1, end: succeeded({ left: twin, right: twin }), inputs: {} });
    expect(novel.sort()).toEqual(['left', 'right']);
  });

  it('is another step in another execution of the same run id', async () => {
    const key = newKey();
    const again = { ...key, executionId: newKey().executionId };
    await commitStep(on.db, { ...key, attempt: 1, end: failed(), inputs: {} });
    expect((await commitStep(on.db, { ...again, attempt: 1, end: succeeded(), inputs: {} })).end).toEqual(succeeded());
    expect(await readEnds(on.db, key)).toEqual({ train: failed() });
    expect(await readEnds(on.db, again)).toEqual({ train: succeeded() });
  });
});

describe('what only some ends have', () => {
  const at = '2026-01-02T03:04:05.678Z';
  const ends: [string, StepEnd][] = [
    ['a fallback, beside the error that it stands in for', { ...succeeded(), fallback: true, error: { type: 'TypeError', message: 'x' } }],
    ['a run that it was taken over from', { ...succeeded(), reusedFrom: 'training-1' }],
    ['a decision', { ...succeeded({}, 0), approval: { decision: 'approved', by: 'ada', comment: 'ship it', at } }],
    ['a decision with no reason', { ...failed(), approval: { decision: 'rejected', by: 'ada', at } }],
    ['counts of a map', { ...succeeded(), map: { items: 9, failed: 1, errors: [{ index: 3, error: { type: 'Error', message: 'y' } }] } }],
  ];

  it.each(ends)('is kept: %s', async (_, end) => {
    const [committed, written] = [newKey(), newKey()];
    expect((await commitStep(on.db, { ...committed, attempt: 1, end, inputs: {} })).end).toEqual(end);
    await writeEnds(on.db, written, { [written.step]: end });
    for (const key of [committed, written]) {
      expect(await readEnds(on.db, key)).toEqual({ train: end });
      expect(await readEnd(on.db, key)).toStrictEqual(end);
      expect(await startAttempt(on.db, key, 'w')).toStrictEqual({ end });
    }
  });

  it('is kept readable where PostgreSQL cannot hold it', async () => {
    const [committed, written] = [newKey(), newKey()];
    const odd = (text: string): StepEnd => ({
      ...succeeded(),
      approval: { decision: 'approved', by: text, comment: text, at },
      map: { items: 1, failed: 1, errors: [{ index: 0, error: { type: text, message: text } }] },
    });
    await commitStep(on.db, { ...committed, attempt: 1, end: odd('a\u0000b\ud800c'), inputs: {} });
    await writeEnds(on.db, written, { [written.step]: odd('a\u0000b\ud800c') });
    for (const key of [committed, written]) expect(await readEnd(on.db, key)).toEqual(odd('a\ufffdb\ufffdc'));
  });
});

describe('parts of a step', () => {
  it('are batches with ends of their own, in the order of the items; the step itself ends once', async () => {
    const key = newKey();
    for (const index of [2, 0, 10, 1]) {
      const { attempt } = started(await startAttempt(on.db, { ...key, index }, 'w'));
      await commitStep(on.db, { ...key, index, attempt, end: succeeded({ out: ref(index, `${key.runId}-${index}`) }), inputs: {} });
    }
    expect((await readBatches(on.db, key)).map(({ index, end }) => [index, end.outputs.out?.value])).toEqual(
      [0, 1, 2, 10].map((i) => [i, i]),
    );
    expect(await readEnds(on.db, key)).toEqual({});
    expect(await startAttempt(on.db, { ...key, index: 1 }, 'w')).toMatchObject({ end: { status: 'succeeded' } });
    const whole = succeeded({ out: ref([], key.runId) });
    expect(await writeStepEnd(on.db, key, whole, { data: ref(1) })).toEqual(whole);
    expect(await writeStepEnd(on.db, key, failed(), {})).toEqual(whole);
    expect(await readEnds(on.db, key)).toEqual({ train: whole });
    expect(await readBatches(on.db, key)).toHaveLength(4);
  });

  it('are a fallback, whose attempts are counted apart and whose end is the step’s', async () => {
    const key = newKey();
    const fallback = { ...key, index: FALLBACK };
    await startAttempt(on.db, key, 'w');
    const start = () => startAttempt(on.db, fallback, 'w', { endIndex: -1 });
    expect(started(await start())).toMatchObject({ attempt: 1, failures: 0 });
    const end: StepEnd = { ...succeeded(), fallback: true };
    await commitStep(on.db, { ...key, attemptIndex: FALLBACK, attempt: 1, end, inputs: {} });
    expect(await start()).toEqual({ end });
    expect((await listAttempts(on.db, key)).map(({ index, status }) => [index, status])).toEqual([
      [-1, 'running'],
      [FALLBACK, 'succeeded'],
    ]);
  });
});

describe('writeEnds', () => {
  it('writes ends that no attempt made, and leaves those that stand', async () => {
    const key = newKey('load');
    const skipped = { status: 'skipped' as const, reason: "needs 'load', which failed", attempts: 0, durationMs: 0, outputs: {} };
    await commitStep(on.db, { ...key, attempt: 1, end: failed(), inputs: {} });
    await writeEnds(on.db, key, { load: skipped, train: skipped });
    await writeEnds(on.db, key, { train: failed('never') });
    expect(await readEnds(on.db, key)).toEqual({ load: failed(), train: skipped });
  });

  it('takes thousands at once, and none', async () => {
    const key = newKey();
    const end = succeeded();
    await writeEnds(on.db, key, Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`s${i}`, end])));
    expect(Object.keys(await readEnds(on.db, key))).toHaveLength(3000);
    await writeEnds(on.db, newKey(), {});
  });
});
