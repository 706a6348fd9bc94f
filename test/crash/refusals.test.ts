import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../metadata/index.ts';
import { until } from '../support/project.ts';
import { readFacts } from './facts.ts';
import type { Plant } from './plant.ts';
import { resultOf, start } from './runs.ts';
import { said, sharedPlant } from './shared.ts';

// A database that is there, and refuses.
let plant: Plant;
beforeAll(async () => {
  plant = await sharedPlant({ modules: ['trials.ts'] });
  await plant.startWorker().serving;
});
afterAll(() => plant.close());

/** What PostgreSQL says where its disk is full; the disk itself is everybody's. */
const FULL = `
  create function flowyml.no_room() returns trigger language plpgsql as
    $$ begin raise 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
  create trigger no_room before insert or update on flowyml.steps execute function flowyml.no_room();
  create trigger no_room before insert or update on flowyml.attempts execute function flowyml.no_room()`;

/** Only from another database can one be closed. */
async function admit(everybody: boolean): Promise<void> {
  const url = new URL(plant.env.FLOWYML_DATABASE_URL ?? '');
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const other = openDatabase(url.href, { max: 1 });
  try {
    await other.client`alter database ${other.client(name)} with allow_connections ${other.client.unsafe(String(everybody))}`;
    if (!everybody) await other.client`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
  } finally {
    await other.close();
  }
}

it.each([
  ['is full', () => plant.db.client.unsafe(FULL), () => plant.db.client.unsafe('drop function flowyml.no_room() cascade')],
  ['lets nobody in', () => admit(false), () => admit(true)],
])('PostgreSQL that %s while a step works uses up no attempt, and the work is kept', async (what, refuse, mend) => {
  const tag = what.replace(/\W/g, '-');
  const run = await start(plant, 'plain', { tag });
  await until(() => said(plant, `${tag} b starts`).length > 0, 'the second step');
  await refuse();
  try {
    await until(() => said(plant, `${tag} b ends`).length > 0, 'its end');
    await sleep(3000);
    expect(said(plant, `${tag} c`)).toEqual([]);
  } finally {
    await mend();
  }
  expect(await resultOf(plant, run)).toMatchObject({ status: 'succeeded', steps: { c: { outputs: { z: { value: 20 } } } } });
  const { attempts } = await readFacts(plant);
  expect(
    attempts.filter(({ runId }) => runId === run.workflowId).map(({ step, attempt, status }) => `${step} ${attempt} ${status}`),
  ).toEqual(['a', 'b', 'c'].map((step) => `${step} 1 succeeded`));
  expect(said(plant, `${tag} b starts`)).toHaveLength(1);
});
