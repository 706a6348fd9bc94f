import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';
import { validateData } from './twins/002-22.ts';

// A step without outputs that lets training start only when the data is good.
it('the validation refuses missing targets', async () => {
  const data = Array.from({ length: 100 }, (_, i) => ({ target: i === 7 ? null : i }));
  await expect(validateData.fn({ data })).rejects.toThrow(new TypeError('targets are missing'));
});

it('training waits for the validation, and does not run when it fails', async () => {
  const project = await projectWith('002-22.ts', '002-22-run.ts');
  const lines = (await printed(project, '002-22-run.ts')).trim().split('\n');
  const [good, few] = lines.map((line) => JSON.parse(line) as RunResult);

  expect(good?.status).toBe('succeeded');
  const validated = good?.steps.validate_data?.outputs.result?.value;
  expect(good?.steps.train_model?.outputs).toMatchObject({ rows: { value: 120 }, begun: { value: expect.any(Number) } });
  expect(Number(good?.steps.train_model?.outputs.begun?.value)).toBeGreaterThanOrEqual(Number(validated));

  expect(few?.status).toBe('failed');
  expect(few?.steps.load_data?.status).toBe('succeeded');
  expect(few?.steps.validate_data).toMatchObject({ status: 'failed', error: { type: 'RangeError', message: '99 rows are too few' } });
  expect(few?.steps.train_model).toMatchObject({ status: 'skipped', attempts: 0, reason: "needs 'validate_data', which failed" });
});
