import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/project.ts';
import { readFacts } from './facts.ts';
import type { Plant } from './plant.ts';
import { resultOf, start } from './runs.ts';
import { said, sharedPlant } from './shared.ts';

// A worker whose clock is set while it works; its steps' clocks with it. Temporal's and PostgreSQL's go on as they are.
const library = ['/usr/lib', ...(existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name)) : [])]
  .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
  .find(existsSync);

let plant: Plant;
beforeAll(async () => {
  plant = await sharedPlant({ modules: ['trials.ts'] });
});
afterAll(() => plant.close());

const HOUR_MS = 3_600_000;

it.skipIf(!library && 'libfaketime is not installed (apt-get install faketime)')(
  'a clock that jumps, ahead and back, ends no step and uses up no attempt',
  async () => {
    const clock = join(plant.root, 'clock');
    const set = (offset: string) => writeFileSync(clock, `${offset}\n`);
    set('+0');
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
    await plant.startWorker([], { env }).serving;
    const began = Date.now();
    const run = await start(plant, 'slow', { tag: 'k' });
    const works = (step: string) => until(() => said(plant, `k ${step}`).length > 0, `step '${step}' to work`);
    await works('long');
    set('+1h');
    await works('timed');
    set('-2h');
    const { status, durationMs, steps } = await resultOf(plant, run);
    const took = Date.now() - began;
    expect(status).toBe('succeeded');
    const { attempts, runs } = await readFacts(plant);
    expect(attempts.map(({ step, status, counted }) => `${step} ${status} ${counted}`).sort()).toEqual([
      'long succeeded false',
      'quick succeeded false',
      'timed succeeded false',
    ]);
    // How long it took is known all the same, everywhere.
    for (const each of [durationMs, ...Object.values(steps).map((step) => step.durationMs)]) {
      expect(each).toBeGreaterThanOrEqual(0);
      expect(each).toBeLessThanOrEqual(took);
    }
    expect(steps.long?.durationMs).toBeGreaterThan(5000);
    for (const { startedAt, endedAt } of [...attempts, ...runs]) {
      expect(endedAt?.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
      expect(Math.abs((endedAt?.getTime() ?? 0) - Date.now())).toBeLessThan(HOUR_MS / 2);
    }
  },
);
