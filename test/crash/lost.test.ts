import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/project.ts';
import type { Plant } from './plant.ts';
import { signal } from './processes.ts';
import { resultOf, run, start } from './runs.ts';
import { said, sharedPlant } from './shared.ts';

// Steps that take their process, or their worker, with them.
let plant: Plant;
beforeAll(async () => {
  plant = await sharedPlant({ modules: ['trials.ts'] });
});
afterAll(() => plant.close());

/** Keeps a worker running until `stop`; gives how many it took. */
function keepWorker(): { stop: () => Promise<number> } {
  let open = true;
  const kept = (async () => {
    for (let count = 1; ; count++) {
      const worker = plant.startWorker();
      while (open && plant.workers.has(worker)) await sleep(50);
      if (!open) return count;
    }
  })();
  return {
    stop() {
      open = false;
      return kept;
    },
  };
}

it('a step whose process is killed fails one attempt, with a clear error', async () => {
  const worker = plant.startWorker();
  await worker.serving;
  const fragile = await start(plant, 'fragile', { tag: 'f' });
  for (const line of ['f tough 1', 'f weak 1']) {
    await until(() => said(plant, line).length > 0, `'${line}'`);
    signal(Number(said(plant, line)[0]?.split(' ').at(-1)), 'SIGKILL');
  }
  const killed = (step: string) => expect.stringContaining(`the process of step '${step}' was killed (SIGKILL)`);
  expect(await resultOf(plant, fragile)).toMatchObject({
    status: 'failed',
    steps: {
      tough: { status: 'succeeded', attempts: 2, outputs: { tries: { value: 2 } } },
      weak: { status: 'failed', attempts: 1, error: { type: 'StepProcessDied', message: killed('weak') } },
    },
  });
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});

it('a step whose process was killed while it was idle does not matter', async () => {
  const worker = plant.startWorker();
  await worker.serving;
  const pids = async (tag: string) => {
    await run(plant, 'plain', { tag });
    return said(plant, tag).flatMap((line) => / in (\d+)$/.exec(line)?.[1] ?? []);
  };
  for (const pid of new Set(await pids('i1'))) signal(Number(pid), 'SIGKILL');
  // The worker has surely seen it.
  await sleep(500);
  const result = await run(plant, 'plain', { tag: 'i2' });
  expect(result).toMatchObject({ status: 'succeeded', steps: { a: { attempts: 1 }, b: { attempts: 1 }, c: { attempts: 1 } } });
  worker.child.kill('SIGTERM');
  await worker.ended;
});

it('a step that takes its worker along each time ends after five; other runs go on', async () => {
  const keepers = [keepWorker(), keepWorker()];
  const poisoned = run(plant, 'poison', { tag: 'p' }).then((result) => ({ result }));
  const others: Promise<string>[] = [];
  let end: Awaited<typeof poisoned> | undefined;
  while (!end) {
    const other = run(plant, 'plain', { tag: `o${others.length}` });
    others.push(other.then(({ status, steps }) => `${status} ${steps.c?.outputs.z?.value}`));
    end = await Promise.race([poisoned, sleep(4000, undefined)]);
  }
  expect(end.result).toMatchObject({
    status: 'failed',
    steps: {
      drop: {
        status: 'failed',
        attempts: 5,
        error: { type: 'WorkerLost', message: expect.stringContaining("5 times in a row while it ran step 'drop'") },
      },
      after: { status: 'skipped', reason: "needs 'drop', which failed" },
    },
  });
  expect(said(plant, 'p')).toEqual([1, 2, 3, 4, 5].map((attempt) => `p drop ${attempt}`));
  expect(others.length).toBeGreaterThan(5);
  expect(new Set(await Promise.all(others))).toEqual(new Set(['succeeded 20']));
  const workers = await Promise.all(keepers.map((keeper) => keeper.stop()));
  expect(workers.reduce((sum, count) => sum + count)).toBe(2 + 5);
}, 240_000);
