import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isDatabaseAway, openRun } from '../../metadata/index.ts';
import type { Plan } from '../../pipelines/plan.ts';
import { newKey, useDatabase } from './database.ts';

const on = useDatabase();

it('a transaction whose connection is lost fails, and its process lives', async () => {
  const { client } = on.db;
  const plan = { pipeline: 'p', version: '1', project: 'p', stack: 'local', steps: [] } as unknown as Plan;
  const { runId, executionId } = newKey();
  let opening: Promise<unknown> | undefined;
  await client.begin(async (lock) => {
    await lock`lock table flowyml.runs in exclusive mode`;
    opening = openRun(on.db, {
      runId,
      executionId,
      plan,
      planHash: 'h',
      request: {},
      params: {},
      module: 'm.ts',
      startedAt: new Date(),
    }).catch((error: unknown) => error);
    for (let ended = 0; !ended; await sleep(10)) {
      const rows = await client`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%runs%'`;
      ended = rows.length;
    }
  });
  expect(isDatabaseAway(await opening)).toBe(true);
  // The driver would write to the lost connection a moment later.
  await sleep(100);
  expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
});
