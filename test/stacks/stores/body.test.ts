import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { collect } from '../../../artifacts/chunks.ts';
import { ServiceUnavailable, StepError } from '../../../pipelines/errors.ts';
import { MEMORY_LIMIT, withFile, withStream } from '../../../stacks/stores/body.ts';
import { chunksOf, tempFolder } from '../../artifacts/helpers.ts';

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
afterEach(() => vi.unstubAllEnvs());

test('a stream is in memory up to the limit, then in a file without a name, and can be read twice', async () => {
  const folder = tempFolder();
  vi.stubEnv('TMPDIR', folder);
  for (const size of [0, 1, MEMORY_LIMIT, MEMORY_LIMIT + 1, 3 * MEMORY_LIMIT]) {
    const bytes = randomBytes(size);
    await withStream(chunksOf(bytes.subarray(0, 1000), bytes.subarray(1000)), async (body) => {
      expect(body).toMatchObject({ sha256: sha(bytes), size });
      expect(body.bytes === undefined).toBe(size > MEMORY_LIMIT);
      for (let i = 0; i < 2; i++) expect(sha(await collect(body.stream(), size))).toBe(sha(bytes));
    });
    expect(readdirSync(folder)).toEqual([]);
  }
});

test.each([
  ['grows', (path: string) => appendFileSync(path, 'more'), true],
  ['is changed', (path: string) => writeFileSync(path, randomBytes(3_000_000)), false],
  ['is cut', (path: string) => writeFileSync(path, 'short'), false],
])('a file that %s after it was hashed', async (_, change, harmless) => {
  const path = join(tempFolder(), 'file');
  writeFileSync(path, randomBytes(3_000_000));
  await withFile(path, async (body) => {
    change(path);
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of body.stream()) seen += chunk.length;
    })();
    if (harmless) await reading;
    else await expect(reading).rejects.toThrow(new StepError(`${path} changed while it was being stored`));
    expect(seen === body.size).toBe(harmless);
  });
});

test('a full or missing temporary folder is named', async () => {
  vi.stubEnv('TMPDIR', '/none');
  const error = await withStream(chunksOf(Buffer.alloc(MEMORY_LIMIT + 1)), async () => 1).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ServiceUnavailable);
  expect(String(error)).toMatch(/cannot keep an upload in \/none: ENOENT.*TMPDIR/);
});
