import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ArtifactCorrupt } from '../../pipelines/errors.ts';
import { localStore } from '../../stacks/local-store.ts';
import { blobPath, tempFolder } from './helpers.ts';

// Few file systems share blocks, and this one may not: a plain copy stands in for the clone.
let clones = 0;
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const copyFile: typeof real.copyFile = async (from, to) => {
    clones++;
    await real.copyFile(from, to);
  };
  return { ...real, copyFile };
});

test('files are cloned into the store and out of it, and verified', async () => {
  const root = tempFolder();
  const store = localStore(root);
  const path = join(tempFolder(), 'a.sh');
  writeFileSync(path, 'content', { mode: 0o755 });
  const blob = await store.putFile?.(path);
  if (!blob) throw new Error('no fast path');
  expect(readFileSync(blobPath(root, blob.sha256), 'utf8')).toBe('content');
  expect(statSync(blobPath(root, blob.sha256)).mode & 0o777).toBe(0o444);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  const copy = join(tempFolder(), 'copy');
  await store.copyTo?.(blob, copy);
  expect([readFileSync(copy, 'utf8'), statSync(copy).mode & 0o777, clones]).toEqual(['content', 0o644, 2]);

  chmodSync(blobPath(root, blob.sha256), 0o644);
  writeFileSync(blobPath(root, blob.sha256), 'CONTENT');
  await expect(store.copyTo?.(blob, copy)).rejects.toThrow(ArtifactCorrupt);
});
