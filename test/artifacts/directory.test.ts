import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobsOf, copyArtifact, isStored } from '../../artifacts/blobs.ts';
import { canonicalJson } from '../../artifacts/canonical.ts';
import { isSafePath } from '../../artifacts/manifest.ts';
import { directory, model } from '../../pipelines/artifact-types.ts';
import { ArtifactCorrupt, OutputInvalid } from '../../pipelines/errors.ts';
import { localStore } from '../../stacks/local-store.ts';
import { bench, blobPath, tempFolder } from './helpers.ts';

function sample(): string {
  const root = tempFolder();
  mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
  mkdirSync(join(root, 'empty', 'inner'), { recursive: true });
  writeFileSync(join(root, 'a.txt'), 'a');
  writeFileSync(join(root, 'sub', 'ä b.txt'), 'bb');
  writeFileSync(join(root, 'sub', 'deep', 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(root, 'sub', 'deep', 'run.sh'), 0o755);
  writeFileSync(join(root, '.hidden'), '');
  return root;
}

test('a folder goes through whole', async () => {
  const { save, load, root: storeRoot } = bench();
  const ref = await save(directory(), sample());
  expect(ref).toMatchObject({ type: 'directory', preview: expect.stringMatching(/^flowyml-artifacts-\w+\/: 4 files, 13 bytes$/) });
  const manifest = JSON.parse(readFileSync(blobPath(storeRoot, ref.sha256), 'utf8'));
  expect(manifest.files.map((file: { path: string }) => file.path)).toEqual(['.hidden', 'a.txt', 'sub/deep/run.sh', 'sub/ä b.txt']);
  expect(manifest.emptyFolders).toEqual(['empty/inner']);
  const copy = (await load(directory(), ref)) as string;
  expect(readdirSync(copy, { recursive: true }).sort()).toEqual([
    '.hidden',
    'a.txt',
    'empty',
    'empty/inner',
    'sub',
    'sub/deep',
    'sub/deep/run.sh',
    'sub/ä b.txt',
  ]);
  expect(readFileSync(join(copy, 'sub', 'ä b.txt'), 'utf8')).toBe('bb');
  expect(statSync(join(copy, 'sub/deep/run.sh')).mode & 0o111).toBe(0o111);
  expect(statSync(join(copy, 'a.txt')).mode & 0o111).toBe(0);
  writeFileSync(join(copy, 'a.txt'), 'changed');
  expect(readFileSync(join((await load(directory(), ref)) as string, 'a.txt'), 'utf8')).toBe('a');
});

test('the hash depends on what is in it, not on its name or its dates', async () => {
  const { save } = bench();
  const [one, two] = [sample(), sample()];
  expect((await save(directory(), one)).sha256).toBe((await save(directory(), two)).sha256);
  chmodSync(join(two, 'a.txt'), 0o755);
  expect((await save(directory(), one)).sha256).not.toBe((await save(directory(), two)).sha256);
});

test('an empty folder', async () => {
  const { save, load } = bench();
  const ref = await save(directory(), tempFolder());
  expect(ref.preview).toMatch(/0 files, 0 bytes$/);
  expect(readdirSync((await load(directory(), ref)) as string)).toEqual([]);
});

describe('links', () => {
  test('to files inside are those files', async () => {
    const { save, load } = bench();
    const root = sample();
    symlinkSync('sub/deep/run.sh', join(root, 'start'));
    const copy = (await load(directory(), await save(directory(), root))) as string;
    expect(readFileSync(join(copy, 'start'), 'utf8')).toBe('#!/bin/sh\n');
  });

  test.each([
    ['/etc/hostname', /at link: is a link to .*, outside of the folder: copy what it points to/],
    ['nowhere', /at link: is a link that points to nothing/],
    ['sub', /at link: expected a file or a folder, not a link to a folder/],
  ])('to %s are refused', async (target, message) => {
    const root = sample();
    symlinkSync(target, join(root, 'link'));
    const error = await bench()
      .save(directory(), root)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toMatch(message);
  });
});

test.each([
  ['no path', 3, /expected the path or file: URL of a folder, received number 3/],
  ['nothing there', '/no/such', /expected a folder at \/no\/such: no such folder/],
  ['a file', join(process.cwd(), 'package.json'), /received a file: .*; declare the output as file\(\)/],
])('not from %s', async (_, value, message) => {
  await expect(bench().save(directory(), value)).rejects.toThrow(message);
});

describe('manifests from elsewhere', () => {
  const entry = { sha256: 'a'.repeat(64), size: 1 };

  test.each<[string, unknown]>([
    ['a path upward', { version: 1, files: [{ ...entry, path: '../evil' }], emptyFolders: [] }],
    ['a path upward in the middle', { version: 1, files: [{ ...entry, path: 'a/../../evil' }], emptyFolders: [] }],
    ['an absolute path', { version: 1, files: [{ ...entry, path: '/etc/evil' }], emptyFolders: [] }],
    ['a folder upward', { version: 1, files: [], emptyFolders: ['..'] }],
    ['no path', { version: 1, files: [{ ...entry }], emptyFolders: [] }],
    ['another version', { version: 2, files: [], emptyFolders: [] }],
    ['no files', { version: 1 }],
    ['null', null],
  ])('%s is refused', async (_, manifest) => {
    const { store, load, workDir } = bench();
    const { sha256, size } = await store.put(Buffer.from(canonicalJson(manifest)));
    await expect(load(directory(), { sha256, size, type: 'directory' })).rejects.toThrow(ArtifactCorrupt);
    expect(existsSync(join(workDir, 'inputs'))).toBe(false);
  });

  test('which paths are safe', () => {
    expect(['a', 'a/b', '..a', 'a..', '.hidden'].filter(isSafePath)).toHaveLength(5);
    expect(['', '/', '/a', 'a/', 'a//b', '.', './a', '..', 'a/..', 'a\0', 3, undefined].filter(isSafePath)).toEqual([]);
  });
});

describe('all blobs of an artifact', () => {
  test('a folder is stored only while each of its files is, and is copied with them', async () => {
    const { save, store, root } = bench();
    const ref = await save(model(directory()), { data: sample() });
    const blobs = await blobsOf(ref, store);
    expect(blobs).toHaveLength(5);
    expect(await isStored(ref, store)).toBe(true);
    const otherRoot = tempFolder();
    const other = localStore(otherRoot);
    expect(await isStored(ref, other)).toBe(false);
    const copy = await copyArtifact(ref, store, other);
    expect(copy).toEqual({ ...ref, uri: expect.stringContaining(otherRoot) });
    expect(await isStored(copy, other)).toBe(true);
    const { rmSync } = await import('node:fs');
    rmSync(blobPath(root, blobs[0]?.sha256 ?? ''));
    expect(await isStored(ref, store)).toBe(false);
    await expect(copyArtifact(ref, store, localStore(tempFolder()))).rejects.toThrow(ArtifactCorrupt);
  });

  test('inline values need none', async () => {
    const { save, store } = bench();
    const { z } = await import('zod');
    const ref = await save(z.number(), 0);
    expect([await blobsOf(ref, store), await isStored(ref, store), await copyArtifact(ref, store, store)]).toEqual([[], true, ref]);
  });
});
