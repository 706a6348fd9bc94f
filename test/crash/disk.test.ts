import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { until } from '../support/project.ts';
import { Cell, noCells } from './cell.ts';
import { readFacts } from './facts.ts';
import type { Plant } from './plant.ts';
import { resultOf, start } from './runs.ts';
import { said, sharedPlant } from './shared.ts';

// Disks that are full or read-only: waited for, with the reason in sight; no attempt is used up.
const why = await noCells();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A project whose artifact store is a disk of 1 MiB. */
async function smallStore(): Promise<{ plant: Plant; cell: Cell }> {
  const stack = 'active_stack: small\nstacks:\n  small:\n    type: local\n    artifact_path: disk/artifacts\n';
  const plant = await sharedPlant({ modules: ['trials.ts'], flowyml: stack });
  ends.push(() => plant.close());
  const cell = await Cell.make(plant.root, 'disk', 1);
  mkdirSync(cell.path('artifacts', 'tmp'), { recursive: true });
  ends.push(() => cell.end());
  return { plant, cell };
}

/** The errors of a step's attempts so far. */
const errors = async (plant: Plant, step: string) =>
  (await readFacts(plant)).attempts
    .filter((row) => row.step === step && row.error)
    .map(({ error, counted, status }) => ({ ...error, counted, status }));

it.skipIf(why).each([
  [
    'is full',
    'no space left on device',
    (cell: Cell) => writeFileSync(cell.path('filler'), Buffer.alloc(900 << 10)),
    (cell: Cell) => rmSync(cell.path('filler')),
  ],
  ['is read-only', 'read-only file system', (cell: Cell) => cell.remount('ro'), (cell: Cell) => cell.remount('rw')],
] as const)('a step goes on when the artifact store, which %s, takes its output', async (_, reason, spoil, mend) => {
  const { plant, cell } = await smallStore();
  await spoil(cell);
  const worker = plant.startWorker([], cell);
  await worker.serving;
  const run = await start(plant, 'bulky', { tag: 's', lines: 10 });
  await until(async () => (await errors(plant, 'make')).length > 1, 'two attempts that failed');
  for (const error of await errors(plant, 'make')) {
    expect(error).toMatchObject({
      status: 'failed',
      counted: false,
      type: 'ServiceUnavailable',
      message: expect.stringContaining(`the artifact store in ${join(plant.root, 'disk', 'artifacts')}`),
    });
    expect(error.message).toContain(reason);
  }
  await mend(cell);
  expect(await resultOf(plant, run)).toMatchObject({ status: 'succeeded', steps: { count: { outputs: { size: { value: 60_000 } } } } });
});

it.skipIf(why)('a step that says more than the database keeps is none the worse for an artifact store that is full', async () => {
  const { plant, cell } = await smallStore();
  writeFileSync(cell.path('filler'), Buffer.alloc(1000 << 10));
  await plant.startWorker([], cell).serving;
  const run = await start(plant, 'chatty', { tag: 'c' });
  expect(await resultOf(plant, run)).toMatchObject({
    status: 'succeeded',
    steps: { talk: { attempts: 1, outputs: { said: { value: 15_000 } } } },
  });
  expect(said(plant, 'c')).toEqual(['c talk']);
});

it.skipIf(why)('nor for a folder for temporary files that is full', async () => {
  const { plant, cell } = await smallStore();
  writeFileSync(cell.path('filler'), Buffer.alloc(1000 << 10));
  const worker = plant.startWorker([], { ...cell, env: { TMPDIR: join(plant.root, 'disk') } });
  await worker.serving;
  const run = await start(plant, 'chatty', { tag: 'c' });
  expect(await resultOf(plant, run)).toMatchObject({ status: 'succeeded', steps: { talk: { attempts: 1 } } });
  expect(plant.workers.has(worker)).toBe(true);
});
