import { expect, it } from 'vitest';
import { runMemo } from '../../client/memo.ts';

it('a memo holds the params that were given, the version and the code', () => {
  const params = { rate: 0.1, regions: ['north'] };
  expect(runMemo({ params, codeHash: 'f'.repeat(64), resumeFrom: 'earlier' }, '2026.3')).toEqual({
    params,
    version: '2026.3',
    codeHash: 'f'.repeat(12),
    resumeFrom: 'earlier',
  });
  expect(runMemo({})).toEqual({ params: {} });
});

it.each([
  'password',
  'db_passwd',
  'token',
  'api_key',
  'apiKey',
  'accessKey',
  'hf-token',
  'client_secret',
  'clientSecret',
  'AWS_SECRET_ACCESS_KEY',
])('the value of %s is left out', (name) => {
  expect(runMemo({ params: { [name]: 'sk-1' } })).toEqual({ params: { [name]: '(not shown)' } });
});

it.each(['max_tokens', 'tokenizer', 'key', 'primary_key', 'api_key_env', 'monkey'])('the value of %s is shown', (name) => {
  expect(runMemo({ params: { [name]: 'x' } })).toEqual({ params: { [name]: 'x' } });
});

it('cuts what is long, and many', () => {
  const params = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, 'x'.repeat(10_000)]));
  const memo = runMemo({ params });
  expect(JSON.stringify(memo).length).toBeLessThan(20_000);
  expect(memo.params).toMatchObject({ '…': '950 more: see the input' });
});
