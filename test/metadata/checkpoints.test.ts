import { expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../metadata/index.ts';
import { newKey, ref, useDatabase } from './database.ts';

const on = useDatabase();

it('what a step saved last is what it goes on from', async () => {
  const key = newKey();
  expect(await readCheckpoint(on.db, key)).toBeUndefined();
  await writeCheckpoint(on.db, key, ref({ epoch: 1 }));
  await writeCheckpoint(on.db, key, ref({ epoch: 2, note: 'it\'s "é" \\ {}' }));
  expect(await readCheckpoint(on.db, key)).toEqual(ref({ epoch: 2, note: 'it\'s "é" \\ {}' }));
});

it('steps, batches and runs have each their own', async () => {
  const key = newKey();
  const keys = [key, { ...key, step: 'other' }, { ...key, index: 0 }, { ...key, index: 1 }, { ...key, executionId: 'another' }];
  for (const [i, each] of keys.entries()) await writeCheckpoint(on.db, each, ref(i));
  expect(await Promise.all(keys.map((each) => readCheckpoint(on.db, each)))).toEqual(keys.map((_, i) => ref(i)));
});

it('a checkpoint may be any plain value, null too', async () => {
  const key = newKey();
  await writeCheckpoint(on.db, key, ref(null));
  expect(await readCheckpoint(on.db, key)).toEqual(ref(null));
});
