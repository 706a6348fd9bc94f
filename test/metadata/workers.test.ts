import { expect, it } from 'vitest';
import { beat, liveWorkers, signOff } from '../../metadata/index.ts';
import { useDatabase } from './database.ts';

const on = useDatabase();

const worker = (id: string, project: string) => ({ id, project, pid: 42, host: 'h', pipelines: { training: 'abc' }, groups: null });
const silentFor = (id: string, interval: string) =>
  on.db.client`update flowyml.workers set beat_at = now() - ${interval}::interval where id = ${id}`;
const live = async (project: string) => (await liveWorkers(on.db, project)).map(({ id }) => id).sort();

it('a worker is there as long as it says so', async () => {
  await beat(on.db, worker('a', 'shop'));
  await beat(on.db, worker('b', 'shop'));
  await beat(on.db, worker('c', 'other'));
  expect(await live('shop')).toEqual(['a', 'b']);
  await silentFor('a', '6 seconds');
  expect(await live('shop')).toEqual(['a', 'b']);
  await silentFor('a', '8 seconds');
  expect(await live('shop')).toEqual(['b']);
  await beat(on.db, worker('a', 'shop'));
  expect(await live('shop')).toEqual(['a', 'b']);
});

it('what it serves is what it said last', async () => {
  const w = worker('changing', 'changing');
  await beat(on.db, w);
  await beat(on.db, { ...w, pipelines: { training: 'def', etl: 'x' }, groups: ['gpu', 'a "b"'] });
  const [row, ...more] = await liveWorkers(on.db, 'changing');
  expect(more).toEqual([]);
  expect(row).toMatchObject({ pipelines: { training: 'def', etl: 'x' }, groups: ['gpu', 'a "b"'], pid: 42 });
  expect(row?.startedAt.getTime()).toBeLessThan(row?.beatAt.getTime() ?? 0);
});

it('signing off takes its row away, and rows of the long dead', async () => {
  for (const id of ['leaving', 'silent', 'dead']) await beat(on.db, worker(id, 'leaving'));
  await silentFor('silent', '23 hours');
  await silentFor('dead', '25 hours');
  await signOff(on.db, 'leaving');
  const rows = await on.db.client`select id from flowyml.workers where project = 'leaving'`;
  expect(rows.map((row) => row.id)).toEqual(['silent']);
});
