import { describe, expect, it } from 'vitest';
import { appendLogs, appendMetrics, type NewLog, readLogs, readMetrics } from '../../metadata/index.ts';
import { newKey, useDatabase } from './database.ts';

const on = useDatabase();

const line = (text: string, more: Partial<NewLog> = {}): Omit<NewLog, 'runId' | 'executionId' | 'step'> => ({
  attempt: 1,
  at: new Date(),
  stream: 'stdout',
  level: 'info',
  text,
  ...more,
});

describe('logs', () => {
  it('come back in the order in which they were written, with all that was said', async () => {
    const key = newKey();
    const at = new Date('2026-01-02T03:04:05.678Z');
    const odd = 'tab\t"quote" \\ back ’ 漢字 👩‍🔬 \u0001';
    await appendLogs(on.db, [{ ...key, ...line('second thoughts', { at, level: 'warn', stream: 'log', attempt: 2 }) }]);
    await appendLogs(on.db, [{ ...key, ...line(odd, { at: new Date(0) }) }]);
    const lines = await readLogs(on.db, key);
    expect(lines).toMatchObject([
      { text: 'second thoughts', at, level: 'warn', stream: 'log', attempt: 2, step: 'train' },
      { text: odd, attempt: 1 },
    ]);
  });

  it('are read on from where a reader stopped', async () => {
    const key = newKey();
    await appendLogs(
      on.db,
      Array.from({ length: 25 }, (_, i) => ({ ...key, ...line(`line ${i}`) })),
    );
    const texts: string[] = [];
    let afterId: number | undefined;
    for (let page = 0; ; page++) {
      const rows = await readLogs(on.db, key, { limit: 10, ...(afterId === undefined ? {} : { afterId }) });
      if (!rows.length) break;
      expect(rows.length).toBe(page < 2 ? 10 : 5);
      texts.push(...rows.map((row) => row.text));
      afterId = rows.at(-1)?.id;
    }
    expect(texts).toEqual(Array.from({ length: 25 }, (_, i) => `line ${i}`));
    await appendLogs(on.db, [{ ...key, ...line('later') }]);
    expect((await readLogs(on.db, key, { afterId: afterId ?? 0 })).map((row) => row.text)).toEqual(['later']);
  });

  it('can be had of one step, one attempt, one run', async () => {
    const [key, other] = [newKey(), newKey()];
    await appendLogs(on.db, [
      { ...key, ...line('a1') },
      { ...key, ...line('a2', { attempt: 2 }) },
      { ...key, step: 'load', ...line('b1') },
      { ...other, ...line('elsewhere') },
      { ...key, executionId: other.executionId, ...line('an earlier run with this id') },
    ]);
    const read = async (filter: Parameters<typeof readLogs>[2]) => (await readLogs(on.db, key, filter)).map((row) => row.text);
    expect(await read({})).toEqual(['a1', 'a2', 'b1']);
    expect(await read({ step: 'train' })).toEqual(['a1', 'a2']);
    expect(await read({ step: 'train', attempt: 2 })).toEqual(['a2']);
    expect(await read({ attempt: 1 })).toEqual(['a1', 'b1']);
  });

  it('of more lines than one statement takes are written all the same', async () => {
    const key = newKey();
    await appendLogs(
      on.db,
      Array.from({ length: 9001 }, (_, i) => ({ ...key, ...line(String(i)) })),
    );
    const rows = await readLogs(on.db, key);
    expect(rows).toHaveLength(9001);
    expect(rows.at(-1)?.text).toBe('9000');
    await appendLogs(on.db, []);
  });
});

describe('metrics', () => {
  it('come back as they were measured, what is no number included', async () => {
    const key = newKey();
    const at = new Date();
    const values = [0.1, -2.5, 1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY];
    await appendMetrics(
      on.db,
      values.map((value, point) => ({ ...key, attempt: 1, name: 'loss', value, point, at })),
    );
    await appendMetrics(on.db, [{ ...key, attempt: 2, name: 'a\u0000b', value: 1, point: null, at }]);
    const rows = await readMetrics(on.db, key);
    expect(rows.slice(0, -1).map((row) => row.value)).toEqual(values);
    expect(rows.map((row) => row.point)).toEqual([0, 1, 2, 3, 4, 5, null]);
    expect(rows.at(-1)).toMatchObject({ name: 'a\ufffdb', attempt: 2 });
    expect(await readMetrics(on.db, newKey())).toEqual([]);
  });
});
