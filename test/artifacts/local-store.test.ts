import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ArtifactCorrupt, ServiceUnavailable } from '../../pipelines/errors.ts';
import { localStore, removeStaleTemp } from '../../stacks/local-store.ts';
import { blobPath, chunksOf, tempFolder, textOf } from './helpers.ts';

const sha = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const filesIn = (root: string) => readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('writing', () => {
  test('streams, hashes and gives a file URL', async () => {
    const root = tempFolder();
    const store = localStore(root);
    const blob = await store.put(chunksOf('hello ', '', 'world'));
    expect(blob).toMatchObject({ sha256: sha('hello world'), size: 11 });
    expect(readFileSync(fileURLToPath(blob.uri), 'utf8')).toBe('hello world');
    expect(statSync(blobPath(root, blob.sha256)).mode & 0o222).toBe(0);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect(await textOf(store.open(blob))).toBe('hello world');
  });

  test('chunks of every size keep their order', async () => {
    const store = localStore(tempFolder());
    const sizes = [1, 70_000, 3, 0, 262_144, 262_143, 1, 65_535, 65_536, 600_000, 2];
    const chunks = sizes.map((size, i) => Buffer.alloc(size, i + 1));
    const blob = await store.put(chunksOf(...chunks));
    expect(blob.sha256).toBe(sha(Buffer.concat(chunks)));
    expect(await textOf(store.open(blob))).toBe(Buffer.concat(chunks).toString());
  });

  test('the same content is kept once, however it comes', async () => {
    const root = tempFolder();
    const store = localStore(root);
    const path = join(tempFolder(), 'a');
    writeFileSync(path, 'same');
    const blobs = [
      await store.put(Buffer.from('same')),
      await store.put(chunksOf('sa', 'me')),
      await store.put(Buffer.from('same')),
      await store.putFile?.(path),
    ];
    expect(new Set(blobs.map((blob) => blob?.uri)).size).toBe(1);
    expect(filesIn(root)).toHaveLength(1);
  });

  test('an empty blob', async () => {
    const store = localStore(tempFolder());
    const blob = await store.put(new Uint8Array());
    expect(blob.size).toBe(0);
    expect(await textOf(store.open(blob))).toBe('');
    expect((await store.put(chunksOf())).sha256).toBe(blob.sha256);
  });

  test('what is written again is as young as new, and a damaged blob is made whole', async () => {
    const root = tempFolder();
    const store = localStore(root);
    const blob = await store.put(Buffer.from('precious'));
    const path = blobPath(root, blob.sha256);
    utimesSync(path, 1, 1);
    await store.put(Buffer.from('precious'));
    expect(statSync(path).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    for (const again of [() => store.put(Buffer.from('precious')), () => store.put(chunksOf('precious'))]) {
      chmodSync(path, 0o644);
      writeFileSync(path, 'PRECIOUS');
      await again();
      expect(readFileSync(path, 'utf8')).toBe('precious');
    }
  });

  test('an error of the source is passed on, and leaves nothing', async () => {
    const root = tempFolder();
    async function* failing() {
      yield Buffer.from('some');
      throw new RangeError('mine');
    }
    await expect(localStore(root).put(failing())).rejects.toThrow(new RangeError('mine'));
    expect(filesIn(root)).toEqual([]);
  });

  test('a folder that cannot be written is named, and worth another try', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    const store = localStore(join(file, 'store'));
    const error = await store.put(Buffer.from('x')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ServiceUnavailable);
    expect(error).toMatchObject({ retryable: true, cause: { code: 'ENOTDIR' } });
    expect(String(error)).toContain(`cannot write to the artifact store in ${join(file, 'store')}`);
  });
});

describe('reading', () => {
  const damaged: [string, (path: string) => void, RegExp][] = [
    ['a flipped byte', (path) => writeFileSync(path, flip(readFileSync(path))), /was changed in the store/],
    ['a cut end', (path) => truncateSync(path, 100_000), /has 100000 bytes instead of 600000/],
    ['an appended byte', (path) => appendFileSync(path, 'x'), /has 600001 bytes instead of 600000/],
  ];

  test.each(damaged)('%s is noticed before the end is handed out', async (_, damage, message) => {
    const root = tempFolder();
    const store = localStore(root);
    const blob = await store.put(Buffer.alloc(600_000, 7));
    const path = blobPath(root, blob.sha256);
    chmodSync(path, 0o644);
    damage(path);
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of store.open(blob)) seen += chunk.length;
    })();
    await expect(reading).rejects.toThrow(ArtifactCorrupt);
    await expect(textOf(store.open(blob))).rejects.toThrow(message);
    expect(seen).toBeLessThan(blob.size);
    const copy = join(tempFolder(), 'copy');
    await expect(store.copyTo?.(blob, copy)).rejects.toThrow(ArtifactCorrupt);
    expect(existsSync(copy)).toBe(false);
  });

  test('what is missing', async () => {
    const store = localStore(tempFolder());
    const blob = { sha256: sha('nothing'), size: 7 };
    await expect(textOf(store.open(blob))).rejects.toThrow(ArtifactCorrupt);
    await expect(textOf(store.open(blob))).rejects.toThrow(/is missing from the store/);
    await expect(store.copyTo?.(blob, join(tempFolder(), 'x'))).rejects.toThrow(ArtifactCorrupt);
    expect(await store.has(blob)).toBe(false);
  });

  test('has looks at the size', async () => {
    const store = localStore(tempFolder());
    const blob = await store.put(Buffer.from('1234'));
    expect(await store.has(blob)).toBe(true);
    expect(await store.has({ ...blob, size: 5 })).toBe(false);
  });

  test('a hash that is none leads nowhere', async () => {
    const store = localStore(tempFolder());
    await expect(textOf(store.open({ sha256: '../../../etc/passwd', size: 1 }))).rejects.toThrow(/not a SHA-256/);
    await expect(store.has({ sha256: '', size: 1 })).rejects.toThrow(ArtifactCorrupt);
  });

  test('a reader may stop early, and keep the chunks it has', async () => {
    const store = localStore(tempFolder());
    const blob = await store.put(Buffer.concat([Buffer.alloc(300_000, 1), Buffer.alloc(300_000, 2)]));
    const kept: Uint8Array[] = [];
    for await (const chunk of store.open(blob)) {
      kept.push(chunk);
      if (kept.length === 2) break;
    }
    expect([kept[0]?.[0], kept[1]?.at(-1)]).toEqual([1, 2]);
  });

  test('a copy is a file of its own', async () => {
    const store = localStore(tempFolder());
    const blob = await store.put(Buffer.from('original'));
    const path = join(tempFolder(), 'copy');
    await store.copyTo?.(blob, path);
    writeFileSync(path, 'changed');
    expect(await textOf(store.open(blob))).toBe('original');
  });

  test('the store can move', async () => {
    const root = tempFolder();
    const blob = await localStore(join(root, 'a')).put(Buffer.from('x'));
    mkdirSync(join(root, 'b'));
    const { renameSync } = await import('node:fs');
    renameSync(join(root, 'a'), join(root, 'b', 'c'));
    expect(await textOf(localStore(join(root, 'b', 'c')).open(blob))).toBe('x');
  });
});

describe('processes', () => {
  const script = fileURLToPath(new URL('./fixtures/slow-writer.ts', import.meta.url));
  const start = (...args: string[]) =>
    spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const linesOf = (child: ChildProcess) => createInterface({ input: child.stdout as NodeJS.ReadableStream });

  test('one killed while it writes leaves a temporary file and nothing else', async () => {
    const root = tempFolder();
    const child = start(root, '1000', '20');
    for await (const line of linesOf(child)) if (line === 'chunk 3') break;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(root, 'sha256'))).toBe(false);
    expect(readdirSync(join(root, 'tmp'))).toHaveLength(1);
    expect(await removeStaleTemp(root)).toBe(0);
    expect(await removeStaleTemp(root, 0)).toBe(1);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect(await removeStaleTemp(join(root, 'none'))).toBe(0);
  });

  test('two that write the same at once both succeed', async () => {
    const root = tempFolder();
    const outputs = await Promise.all(
      [start(root, '10', '5'), start(root, '10', '5')].map((child) =>
        textOf(child.stdout as NodeJS.ReadableStream as AsyncIterable<Uint8Array>),
      ),
    );
    const stored = outputs.map((output) => /stored (\w+)/.exec(output)?.[1]);
    expect(stored[0]).toMatch(/^\w{64}$/);
    expect(stored[1]).toBe(stored[0]);
    expect(filesIn(root)).toHaveLength(1);
  });
});

function flip(bytes: Buffer): Buffer {
  bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
  return bytes;
}
