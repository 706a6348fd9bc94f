import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codeHash } from '../../identity/code-hash.ts';
import { type Project, project } from '../loader/project.ts';

const projects: Project[] = [];
const make = (files: Record<string, string>) => {
  const made = project(files);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const each of projects) each.remove();
});

const PACKAGE = (version: string, more = '') => `{ "name": "pad", "version": "${version}", "main": "index.js"${more} }`;
const FILES = {
  'a.ts': `import { z } from 'zod';
import { pipeline } from 'flowyml';
import { b } from './lib/b';
import data from './data.json';
import type { T } from './types.ts';
import pad from 'pad';
export * from './shared/index.js';
const lazy = () => import('./lazy.ts');
const sql = new URL('./query.sql', import.meta.url);
export const all = [z, pipeline, b, data, pad, lazy, sql] as unknown as T;
`,
  'lib/b.ts': "import { c } from '@app/c';\nexport const b = c + 1;",
  'lib/c.ts':
    "import { all } from '../a.ts';\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const old = require('./old.cjs');\nexport const c = 1;\nexport const again = () => all;",
  'lib/old.cjs': "const deep = require('./deep');\nmodule.exports = deep;",
  'lib/deep.js': 'module.exports = 1;',
  'shared/index.ts': "export { shared } from './shared.ts';\nexport type { T } from '../types.ts';",
  'shared/shared.ts': 'export const shared = 1;',
  'lazy.ts': 'export const lazy = 1;',
  'data.json': '{ "x": 1 }',
  'query.sql': 'select 1',
  'types.ts': 'export type T = 1;',
  'unrelated.ts': 'export const u = 1;',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@app/*": ["./lib/*"] } } }',
  'node_modules/pad/package.json': PACKAGE('1.0.0', ', "dependencies": { "dep": "*" }'),
  'node_modules/pad/index.js': 'module.exports = 1;',
  'node_modules/dep/package.json': '{ "name": "dep", "version": "2.0.0" }',
};

/** Whether the hash of a.ts is another after these files are written. */
function changes(files: Record<string, string>, before: Record<string, string> = FILES): boolean {
  const made = make(before);
  const first = codeHash(made.path('a.ts'));
  expect(codeHash(made.path('a.ts'))).toBe(first);
  made.write(files);
  return codeHash(made.path('a.ts')) !== first;
}

describe('changes with', () => {
  it.each<[string, Record<string, string>]>([
    ['the module', { 'a.ts': `${FILES['a.ts']}\nexport const more = 1;` }],
    ['a helper two imports away, behind the paths of tsconfig.json', { 'lib/c.ts': `${FILES['lib/c.ts']}\nexport const d = 2;` }],
    ['what is required, in CommonJS too', { 'lib/deep.js': 'module.exports = 2;' }],
    ['what is exported again', { 'shared/shared.ts': 'export const shared = 2;' }],
    ['what is imported when it is needed', { 'lazy.ts': 'export const lazy = 2;' }],
    ['imported JSON', { 'data.json': '{ "x": 2 }' }],
    ['a file named by new URL', { 'query.sql': 'select 2' }],
    ['the version of a package', { 'node_modules/pad/package.json': PACKAGE('1.0.1', ', "dependencies": { "dep": "*" }') }],
    ['the version of what a package needs', { 'node_modules/dep/package.json': '{ "name": "dep", "version": "2.0.1" }' }],
    [
      'where an import leads',
      {
        'tsconfig.json': '{ "compilerOptions": { "paths": { "@app/*": ["./shared/*", "./lib/*"] } } }',
        'shared/c.ts': 'export const c = 9;',
      },
    ],
    [
      'a file that comes before another of its name',
      { 'lib/b/index.ts': '', 'lib/b.tsx': '', 'lib/c.js': '', 'shared/index.tsx': '', 'lazy.ts': 'export {}' },
    ],
    ['a comment, for now', { 'lib/b.ts': `// why\n${FILES['lib/b.ts']}` }],
  ])('%s', (_what, files) => {
    expect(changes(files)).toBe(true);
  });

  it('an import that found nothing and now does', () => {
    expect(changes({ 'lib/b.ts': 'export const b = 1;' }, { 'a.ts': "import { b } from './lib/b.ts';\nimport 'never-there';" })).toBe(true);
  });

  it('an edit that keeps the size, made at once', () => {
    const made = make({ 'a.ts': 'export const a = 1;' });
    const hashes = [1, 2, 3, 4].map((n) => {
      made.write({ 'a.ts': `export const a = ${n};` });
      return codeHash(made.path('a.ts'));
    });
    expect(new Set(hashes).size).toBe(4);
  });

  it('the source of a linked workspace package', () => {
    const made = make({
      'app/a.ts': "import { lib } from '@acme/lib';\nexport const a = lib;",
      'app/node_modules/@acme/.keep': '',
      'lib/package.json': '{ "name": "@acme/lib", "version": "1.0.0", "exports": "./src/index.ts" }',
      'lib/src/index.ts': "export { lib } from './deep.js';",
      'lib/src/deep.ts': 'export const lib = 1;',
    });
    symlinkSync(made.path('lib'), made.path('app/node_modules/@acme/lib'));
    const first = codeHash(made.path('app/a.ts'));
    made.write({ 'lib/src/deep.ts': 'export const lib = 2;' });
    expect(codeHash(made.path('app/a.ts'))).not.toBe(first);
  });
});

describe('stays with', () => {
  it.each<[string, Record<string, string>]>([
    ['a file that is not reached', { 'unrelated.ts': 'export const u = 2;' }],
    ['a file that is there for its types', { 'types.ts': 'export type T = 2;' }],
    ['the files of a package', { 'node_modules/pad/index.js': 'module.exports = 2;' }],
    ['the line ends of Windows', { 'lib/b.ts': FILES['lib/b.ts'].replaceAll('\n', '\r\n') }],
    ['a package that is not reached', { 'node_modules/other/package.json': PACKAGE('9.9.9') }],
  ])('%s', (_what, files) => {
    expect(changes(files)).toBe(false);
  });

  it('another place', () => {
    const made = make(FILES);
    const copy = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-elsewhere-')));
    cpSync(made.root, join(copy, 'deeper', 'still'), { recursive: true });
    try {
      expect(codeHash(join(copy, 'deeper', 'still', 'a.ts'))).toBe(codeHash(made.path('a.ts')));
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('text that does not parse, or says require in a comment', () => {
    const made = make({ 'a.ts': "// require('./b')\nexport const a = ;", 'b.ts': '' });
    expect(codeHash(made.path('a.ts'))).toBe(codeHash(made.path('a.ts')));
  });
});

it('is this, whatever the machine: change VERSION in identity/code-hash.ts when it has to be another', () => {
  const made = make({
    'a.ts': "import { b } from './b.ts';\nimport 'gone';\nimport pad from 'pad';\nexport const a = [b, pad];\n",
    'b.ts': 'export const b = 1;\n',
    'node_modules/pad/package.json': PACKAGE('1.0.0'),
    'node_modules/pad/index.js': '',
  });
  expect(codeHash(made.path('a.ts'))).toMatchInlineSnapshot(`"e2996d5a979111cb308a48fa80bc1590941d4d7d24735e0d9e04dc8ccc8ae889"`);
});
