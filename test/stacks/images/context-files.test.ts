import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { contextFiles, hashContext } from '../../../stacks/images/context-files.ts';
import { type Folder, makeFolder } from './support.ts';

const folders: Folder[] = [];
afterAll(() => {
  for (const each of folders) each.remove();
});
function folder(files: Record<string, string>): Folder {
  const made = makeFolder(files);
  folders.push(made);
  return made;
}
/** Of a Dockerfile of the user's own, unless said otherwise. */
const paths = async (root: string, dockerfile: string | undefined = join(root, 'Dockerfile')) =>
  (await contextFiles(root, dockerfile)).filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
const hashOf = async (root: string, given: unknown = {}) => hashContext(root, await contextFiles(root, 'Dockerfile'), given);

it('.dockerignore: comments, folders, **, ?, exceptions below what is left out, the last rule wins', async () => {
  const names = [
    'a.txt',
    'b.md',
    'README.md',
    'src/a.txt',
    'src/deep/a.log',
    'src/deep/b.txt',
    'data/x/y/keep.csv',
    'data/x/z.csv',
    'f1',
    'f22',
    '#odd',
  ];
  const { root, write } = folder(Object.fromEntries(names.map((name) => [name, ''])));
  write('.dockerignore', '# a comment\n*.md\n!README.md\n**/*.log\n/data\n!data/x/y\nf?\n./src/a.txt\n\n');
  expect(await paths(root)).toEqual(['#odd', '.dockerignore', 'README.md', 'a.txt', 'data/x/y/keep.csv', 'f22', 'src/deep/b.txt']);
  write('.dockerignore', '*\n!src\nsrc/deep\n');
  expect(await paths(root)).toEqual(['src/a.txt']);
});

it('<Dockerfile>.dockerignore wins over .dockerignore', async () => {
  const { root } = folder({ '.dockerignore': 'a', 'docker/t.Dockerfile.dockerignore': 'b', a: '', b: '' });
  expect(await paths(root, join(root, 'docker/t.Dockerfile'))).toContain('a');
  expect(await paths(root, join(root, 'docker/t.Dockerfile'))).not.toContain('b');
});

it('what generated Dockerfiles leave out; .dockerignore may take it in again', async () => {
  const files = [
    '.git/HEAD',
    'node_modules/x/i.js',
    'sub/node_modules/x.js',
    'a/__pycache__/a.pyc',
    '.venv/bin/python',
    '.env',
    '.env.local',
    'dist/main.js',
    'main.ts',
  ];
  const { root, write } = folder(Object.fromEntries(files.map((name) => [name, ''])));
  const generated = async () => (await contextFiles(root)).filter(({ kind }) => kind === 'file').map(({ path }) => path);
  expect(await generated()).toEqual(['dist/main.js', 'main.ts']);
  // A Dockerfile of one's own sees what Docker would show it.
  expect(await paths(root)).toEqual([...files].sort());
  write('.dockerignore', '!.env\ndist');
  expect(await generated()).toEqual(['.dockerignore', '.env', 'main.ts']);
});

it('a pattern that is none: named with its file', async () => {
  const { root } = folder({ '.dockerignore': 'a\n[b\n' });
  await expect(paths(root)).rejects.toThrow(`${root}/.dockerignore: '[b' is no pattern`);
  const other = folder({ '.dockerignore': '!\n' });
  await expect(paths(other.root)).rejects.toThrow("'!' is no pattern: an exception of nothing");
});

it('our own folder is never part of an image', async () => {
  const { root } = folder({ '.flowyml/postgres/x': '', 'sub/.flowyml/y': '', '.dockerignore': '!.flowyml', a: '' });
  expect(await paths(root)).toEqual(['.dockerignore', 'a']);
});

it('the hash follows paths, bytes, links and whether a file can be run; not times, users and other rights', async () => {
  const { root, write } = folder({ 'a.sh': 'one', 'b/c': 'two' });
  symlinkSync('a.sh', join(root, 'link'));
  const first = await hashOf(root);
  write('a.sh', 'one');
  chmodSync(join(root, 'a.sh'), 0o600);
  expect(await hashOf(root)).toBe(first);
  const others: [string, () => void, () => void][] = [
    ['mode', () => chmodSync(join(root, 'a.sh'), 0o700), () => chmodSync(join(root, 'a.sh'), 0o644)],
    ['bytes', () => write('a.sh', 'on2'), () => write('a.sh', 'one')],
  ];
  for (const [what, change, back] of others) {
    change();
    expect(await hashOf(root), what).not.toBe(first);
    back();
    expect(await hashOf(root), what).toBe(first);
  }
  mkdirSync(join(root, 'empty'));
  expect(await hashOf(root)).not.toBe(first);
  expect(await hashOf(root, { platforms: ['linux/arm64'] })).not.toBe(await hashOf(root));
});

it('another target makes another hash; a link that leads nowhere is no mistake', async () => {
  const one = folder({});
  const other = folder({});
  symlinkSync('/nowhere', join(one.root, 'link'));
  symlinkSync('/elsewhere', join(other.root, 'link'));
  expect(await hashOf(one.root)).not.toBe(await hashOf(other.root));
});

it('2,000 files and a big one', async () => {
  const { root, write } = folder({});
  for (let i = 0; i < 2_000; i++) write(`f${i % 40}/${i}.txt`, `${i}`);
  writeFileSync(join(root, 'big'), Buffer.alloc(3 * 1024 * 1024 + 1, 'x'));
  const entries = await contextFiles(root);
  expect(entries.filter(({ kind }) => kind === 'file')).toHaveLength(2_001);
  const first = await hashContext(root, entries, {});
  const bytes = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
  bytes[3_000_000] = 0;
  writeFileSync(join(root, 'big'), bytes);
  expect(await hashContext(root, entries, {})).not.toBe(first);
});
