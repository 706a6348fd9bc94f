import { expect, test } from 'vitest';
import { ServiceUnavailable, UsageError } from '../../../pipelines/errors.ts';
import { failureError, firstLine, networkFailure, otherFailure } from '../../../stacks/stores/store-failure.ts';

test.each([
  [
    'GET https://a.blob.core.windows.net/c?sv=2024&sig=abc%2Fdef&se=1 failed',
    'GET https://a.blob.core.windows.net/c?sv=2024&sig=…&se=1 failed',
  ],
  ['AccountName=a;AccountKey=hush==;x', 'AccountName=a;AccountKey=…;x'],
  ['{"token": "hush", "a": 1}', '{"token": "…", "a": 1}'],
  ['first\nsecond', 'first'],
  ['', 'no message'],
])('what a client says is shown without secrets: %s', (said, shown) => {
  expect(firstLine(new Error(said))).toBe(shown);
});

test('a network that fails is found among the causes', () => {
  const error = new Error('fetch failed', { cause: Object.assign(new Error('x'), { errors: [{ code: 'ENOTFOUND' }] }) });
  expect(networkFailure(error, 'https://host')).toMatchObject({
    passing: true,
    problem: 'https://host cannot be reached: no such host (ENOTFOUND)',
  });
  expect(networkFailure(new Error('no such key'), 'https://host')).toBeUndefined();
});

test.each([
  [undefined, true],
  [408, true],
  [429, true],
  [500, true],
  [503, true],
  [400, false],
  [409, false],
])('an unknown failure with status %s is worth another try: %s', (status, passing) => {
  const failure = otherFailure(new Error('what'), status);
  expect(failure.passing).toBe(passing);
  const error = failureError(failure, 'read', "the bucket 'b'");
  expect(error).toBeInstanceOf(passing ? ServiceUnavailable : UsageError);
  expect(error.message).toMatch(/^cannot read the artifact store in the bucket 'b': .*what; /);
});
