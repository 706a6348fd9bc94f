import { expect, it } from 'vitest';
import { parallelMap, type RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';
import { expensiveFunction } from './twins/002-16.ts';

type Call = Awaited<ReturnType<typeof expensiveFunction>>;

// A function that a step calls for many items, four at a time.
it('four workers are four processes, faster than one; results keep the order, and the first error fails the step', async () => {
  const project = await projectWith('002-16.ts', '002-16-run.ts');
  const lines = (await printed(project, '002-16-run.ts')).trim().split('\n');
  const [one, four, refused] = lines.map((line) => (JSON.parse(line) as RunResult).steps.process_batch);

  const [alone, together] = [one, four].map((step) => step?.outputs.calls?.value as Call[]);
  for (const calls of [alone, together]) expect(calls?.map(({ item }) => item)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map(Math.sqrt));
  expect(alone && [processes(alone), atOnce(alone)]).toEqual([1, 1]);
  expect(together && processes(together)).toBe(4);
  expect(together && atOnce(together)).toBeGreaterThan(1);
  expect(together?.map(({ pid }) => pid)).not.toContain(four?.outputs.pid?.value);
  expect(together && span(together)).toBeLessThan(alone ? span(alone) : 0);

  expect(refused).toMatchObject({ status: 'failed', outputs: {}, error: { type: 'RangeError', message: 'no square root of -1' } });
});

it('without workers it calls in this process, and a function written in place is no function for workers', async () => {
  const calls = await parallelMap([1, 4, 7], expensiveFunction, { concurrency: 3 });
  expect(calls.map(({ item, pid }) => [item, pid])).toEqual([1, 4, 7].map((item) => [Math.sqrt(item), process.pid]));
  expect(atOnce(calls)).toBe(3);
  expect(calls.map(({ ended }) => ended)).toEqual(calls.map(({ ended }) => ended).sort((a, b) => b - a));
  await expect(parallelMap([1], (item) => item, { workers: 4 })).rejects.toThrow(/module: import\.meta\.url .* written in place/);
});

const processes = (calls: Call[]) => new Set(calls.map(({ pid }) => pid)).size;
const span = (calls: Call[]) => Math.max(...calls.map(({ ended }) => ended)) - Math.min(...calls.map(({ began }) => began));
const atOnce = (calls: Call[]) => Math.max(...calls.map(({ began }) => calls.filter((c) => c.began <= began && began < c.ended).length));
