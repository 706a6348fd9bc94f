import { expect, it } from 'vitest';
import { milliseconds } from '../../pipelines/duration.ts';
import { UsageError } from '../../pipelines/errors.ts';

it.each([
  [0, 0],
  [1500, 1500],
  [0.6, 1],
  ['30 s', 30_000],
  ['30s', 30_000],
  ['1 second', 1000],
  ['10 minutes', 600_000],
  ['1.5 hours', 5_400_000],
  ['7 days', 604_800_000],
  ['2w', 1_209_600_000],
  ['250', 250],
  ['250 ms', 250],
])('%j is %d ms', (value, ms) => {
  expect(milliseconds(value, 'timeout')).toBe(ms);
});

it.each([
  ['', '""'],
  ['soon', '"soon"'],
  ['10 fortnights', '"10 fortnights"'],
  ['-1 s', '"-1 s"'],
  [' ', '" "'],
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [null as unknown as number, 'null'],
  ['9'.repeat(101), `"${'9'.repeat(101)}"`],
])('%j is not a duration', (value, shown) => {
  const read = () => milliseconds(value, "step 'a': timeout");
  expect(read).toThrow(UsageError);
  expect(read).toThrow(
    `step 'a': timeout: ${shown} is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`,
  );
});
