import { createReadStream, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { saveOutput } from '../../artifacts/materialize.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { bytes, file, materializer } from '../../pipelines/artifact-types.ts';
import { OutputInvalid } from '../../pipelines/errors.ts';
import type { BytesValue } from '../../pipelines/values.ts';
import { bench, chunksOf, tempFolder, textOf } from './helpers.ts';

describe('bytes', () => {
  test.each<[string, () => unknown]>([
    ['a Uint8Array', () => new TextEncoder().encode('hello')],
    ['a Buffer', () => Buffer.from('hello')],
    ['an async iterable', () => chunksOf('hel', 'lo')],
    ['an array of chunks', () => [Buffer.from('hel'), Buffer.from('lo')]],
    ['a Node stream', () => Readable.from([Buffer.from('hello')])],
    ['a web stream', () => new Blob(['hello']).stream()],
  ])('from %s', async (_, make) => {
    const { save, load } = bench();
    const ref = await save(bytes(), make());
    expect(ref).toMatchObject({ type: 'bytes', size: 5, preview: '5 bytes' });
    const value = (await load(bytes(), ref)) as BytesValue;
    expect(value.size).toBe(5);
    expect(await textOf(value.stream())).toBe('hello');
    expect(await value.bytes()).toEqual(new TextEncoder().encode('hello'));
    expect(await value.text()).toBe('hello');
  });

  test('what was received can be returned', async () => {
    const { save, load } = bench();
    const ref = await save(bytes(), Buffer.from('x'));
    expect((await save(bytes(), await load(bytes(), ref))).sha256).toBe(ref.sha256);
  });

  test.each<[unknown, string]>([
    ['text', 'output \'out\': expected a Uint8Array or an async iterable of them, received string "text"'],
    [undefined, 'received undefined'],
    [{ a: 1 }, 'received object with a'],
    [new Float64Array(1), 'received instance of Float64Array'],
    [['text'], 'output \'out\': at chunk 0: expected a Uint8Array, received string "text"'],
    [Readable.from(['a', 'b']), 'at chunk 0: expected a Uint8Array, received string "a"'],
  ])('not from %s', async (value, message) => {
    const error = await bench()
      .save(bytes(), value)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toContain(message);
  });
});

describe('files', () => {
  const written = (name: string, content: string) => {
    const path = join(tempFolder(), name);
    writeFileSync(path, content);
    return path;
  };

  test('a path or a URL in, a copy of its own out', async () => {
    const { save, load, workDir } = bench();
    const path = written('model.bin', 'weights');
    const ref = await save(file(), path);
    expect(ref).toMatchObject({ type: 'file', size: 7, preview: 'model.bin, 7 bytes' });
    for (const source of [pathToFileURL(path), pathToFileURL(path).href]) expect((await save(file(), source)).sha256).toBe(ref.sha256);
    const copy = (await load(file(), ref, 'model')) as string;
    expect(copy).toBe(join(workDir, 'inputs', 'model', 'model'));
    writeFileSync(copy, 'changed');
    const second = (await load(file({ name: 'm.keras' }), ref, 'model')) as string;
    expect(basename(second)).toBe('m.keras');
    expect(dirname(second)).not.toBe(dirname(copy));
    expect(readFileSync(second, 'utf8')).toBe('weights');
    expect(readFileSync(path, 'utf8')).toBe('weights');
  });

  test('a link to a file is that file; a relative path counts from the working folder', async () => {
    const { save } = bench();
    const path = written('a', 'x');
    symlinkSync(path, join(dirname(path), 'link'));
    expect((await save(file(), join(dirname(path), 'link'))).size).toBe(1);
    expect((await save(file(), 'package.json')).preview).toMatch(/^package\.json, /);
  });

  test('names lead nowhere else', async () => {
    const { save, load, workDir } = bench();
    const ref = await save(file(), written('a', 'x'));
    for (const [type, input] of [
      [file({ name: '../../x' }), 'in'],
      [file(), '../x'],
      [file({ name: '..' }), '..'],
    ] as const) {
      expect((await load(type, ref, input)) as string).toMatch(new RegExp(`^${join(workDir, 'inputs')}/[^/]+/[^/]+$`));
    }
  });

  test.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /^output 'out': expected the path or file: URL of a file, received undefined/],
    ['an empty path', () => '', /received string ""/],
    ['another URL', () => new URL('https://example.org/x'), /expected the path or file: URL of a file, received https:\/\/example.org\/x/],
    ['no file', () => '/no/such/file', /expected a file at \/no\/such\/file: no such file/],
    ['a folder', tempFolder, /received a folder: .*; declare the output as directory\(\)/],
    ['a device', () => '/dev/null', /not a device, pipe or socket/],
  ])('not from %s', async (_, make, message) => {
    const error = await bench()
      .save(file(), make())
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toMatch(message);
  });

  test('a store without fast paths will do', async () => {
    const { store: full, load, workDir } = bench();
    const store: ArtifactStore = { put: (s) => full.put(s), open: (b) => full.open(b), has: (b) => full.has(b) };
    const ref = await saveOutput(file(), written('a', 'slow'), { store, workDir, output: 'o' });
    expect(readFileSync((await load(file(), ref)) as string, 'utf8')).toBe('slow');
    const { loadInput } = await import('../../artifacts/materialize.ts');
    const copy = (await loadInput(file(), ref, { store, workDir, input: 'x' })) as string;
    expect(readFileSync(copy, 'utf8')).toBe('slow');
    expect(statSync(copy).mode & 0o200).toBe(0o200);
  });
});

describe('materializers', () => {
  const csv = materializer<number[][]>({
    type: 'text/csv',
    write: (rows) => Buffer.from(rows.map((row) => row.join()).join('\n')),
    read: async (value) => (await value.text()).split('\n').map((line) => line.split(',').map(Number)),
  });

  test('write and read', async () => {
    const { save, load } = bench();
    const ref = await save(csv, [
      [1, 2],
      [3, 4],
    ]);
    expect(ref).toMatchObject({ type: 'custom:text/csv', size: 7 });
    expect(await load(csv, ref)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('streams, and errors that are passed on', async () => {
    const { save } = bench();
    const lines = materializer<string[]>({ type: 'lines', write: (value) => chunksOf(...value), read: () => [] });
    expect((await save(lines, ['a', 'b'])).size).toBe(2);
    await expect(save(csv, 3)).rejects.toThrow(TypeError);
    mkdirSync(join(tempFolder(), 'x'));
    await expect(save(materializer<number>({ type: 't', write: () => 'text' as never, read: () => 1 }), 3)).rejects.toThrow(OutputInvalid);
    await expect(save(bytes(), createReadStream('/no/such/file'))).rejects.toThrow(/ENOENT/);
  });
});
