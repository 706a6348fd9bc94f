import { expect, it } from 'vitest';
import { storm } from './storm.ts';

// `npm run crash -- --kills 500` goes on for longer; `--seed` kills the same again.
it('nobody can tell from what runs made that 20 of their processes were killed with -9', async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const report = await storm({ kills: 20, seed });
  expect(report.problems, `npm run crash -- --kills 20 --seed ${seed}; all is kept in ${report.root}`).toEqual([]);
  expect(report.kills.length).toBe(20);
  expect(report.runs).toBeGreaterThan(8);
}, 400_000);
