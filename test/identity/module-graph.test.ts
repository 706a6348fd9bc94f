import { relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { moduleGraph } from '../../identity/module-graph.ts';
import { type Project, project, run } from '../loader/project.ts';

const projects: Project[] = [];
const make = (files: Record<string, string>) => {
  const made = project(files);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const each of projects) each.remove();
});

const filesOf = (made: Project, entry: string) => [...moduleGraph(made.path(entry)).nodes.keys()].map((file) => relative(made.root, file));

/** Where the references of a file lead. */
function linksOf(text: string, more: Record<string, string> = {}): string[] {
  const made = make({ 'a.ts': text, ...more });
  const { entry, nodes } = moduleGraph(made.path('a.ts'));
  return (nodes.get(entry)?.links ?? []).map((link) =>
    [link.reference.kind, link.reference.specifier, link.to, ...('file' in link ? [relative(made.root, link.file)] : [])].join(' '),
  );
}

describe('the walk', () => {
  it('goes depth first, in the order of the text, once to each file, around cycles', () => {
    const made = make({
      'a.ts': "import './b.ts';\nimport './c.ts';",
      'b.ts': "import './d.ts';\nimport './a.ts';",
      'c.ts': "import './d.ts';\nimport './e.json' with { type: 'json' };",
      'd.ts': "import './b.ts';",
      'e.json': '1',
    });
    expect(filesOf(made, 'a.ts')).toEqual(['a.ts', 'b.ts', 'd.ts', 'c.ts', 'e.json']);
  });

  it('survives a chain longer than the call stack', () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 3000; i++) files[`m${i}.js`] = i < 2999 ? `import './m${i + 1}.js';` : '';
    expect(filesOf(make(files), 'm0.js')).toHaveLength(3000);
  });

  it('goes on from a program named by new URL', () => {
    const made = make({ 'a.ts': "new Worker(new URL('./thread.ts', import.meta.url));", 'thread.ts': "import './b.ts';", 'b.ts': '' });
    expect(filesOf(made, 'a.ts')).toEqual(['a.ts', 'thread.ts', 'b.ts']);
  });
});

describe('references', () => {
  it('are imports and re-exports of every form', () => {
    const text = `import './b.ts';
import b, { type T } from './b.ts';
export * from './b.ts';
export * as ns from './b.ts';
export { x } from './b.ts';
import cjs = require('./b.ts');
const lazy = await import('./b.ts');
const plain = await import(\`./b.ts\`);
const path = import.meta.resolve('./b.ts');
const r = require.resolve('./b.ts');
const cast = await import(('./b.ts') as string);
const escaped = await import('./\\x62.ts');
const load = module.createRequire(import.meta.url);
load('./b.ts');
createRequire(import.meta.url)('./b.ts' as string);`;
    const links = linksOf(text, { 'b.ts': '' });
    expect(links.map((link) => link.split(' ')[0])).toEqual([
      'import',
      'import',
      'import',
      'import',
      'import',
      'require',
      'import',
      'import',
      'import',
      'require',
      'import',
      'import',
      'require',
      'require',
    ]);
    expect(new Set(links.map((link) => link.split(' ').slice(1).join(' ')))).toEqual(new Set(['./b.ts file b.ts']));
  });

  it('leave out what is there for types alone', () => {
    const text = `import type A from './b.ts';
import type { B } from './b.ts';
import type * as C from './b.ts';
export type { D } from './b.ts';
export type * from './b.ts';
import type E = require('./b.ts');
const f: import('./b.ts').F = 1;
import type from './c.ts';
import { type G } from './d.ts';`;
    expect(linksOf(text, { 'b.ts': '', 'c.ts': '', 'd.ts': '' })).toEqual(['import ./c.ts file c.ts', 'import ./d.ts file d.ts']);
  });

  it('leave out flowyml, modules of Node, addresses and what is computed', () => {
    const text = `import 'flowyml';
import 'flowyml/client';
import 'fs';
import 'node:fs';
import 'https://example.com/x.js';
import 'data:text/javascript,';
await import(name);
require(\`./\${name}\`);
new URL('https://example.com');
new URL('./folder/', import.meta.url);
new URL('./b.ts', base);`;
    expect(linksOf(text, { 'folder/x': '', 'b.ts': '' })).toEqual([]);
  });

  it('to nothing are told, not thrown', () => {
    expect(linksOf("import './gone.ts';\nimport 'gone';\nnew URL('./gone', import.meta.url);")).toEqual([
      'import ./gone.ts missing',
      'import gone missing',
      'url ./gone missing',
    ]);
  });

  it('to packages say which folder, scoped and nested ones too', () => {
    const made = make({
      'a.ts': "import '@acme/pad/deep/x.js';\nimport 'zod';",
      'node_modules/@acme/pad/package.json': '{ "name": "@acme/pad", "version": "1.0.0" }',
      'node_modules/@acme/pad/deep/package.json': '{ "type": "module" }',
      'node_modules/@acme/pad/deep/x.js': '',
    });
    const { entry, nodes } = moduleGraph(made.path('a.ts'));
    const folders = nodes.get(entry)?.links.map((link) => ('folder' in link ? link.folder : link.to));
    expect(folders?.[0]).toBe(made.path('node_modules/@acme/pad'));
    expect(folders?.[1]).toMatch(/node_modules\/zod$/);
  });
});

it('reads packages that have no version like files of the project', () => {
  const made = make({
    'a.ts': "import 'mine';",
    'node_modules/mine/package.json': '{ "name": "mine", "main": "x.js" }',
    'node_modules/mine/x.js': "var y = require('./y');\nreturn y;",
    'node_modules/mine/y.js': '',
  });
  expect(filesOf(made, 'a.ts')).toEqual(['a.ts', 'node_modules/mine/x.js', 'node_modules/mine/y.js']);
});

describe('what is walked is what the loader runs', () => {
  const SAY = '\n;(globalThis.said ??= []).push(import.meta.url);';
  const OLD = `${SAY}\nthrow new Error('an old build ran');`;
  const NOTHING = '';

  it.each<[string, Record<string, string>]>([
    [
      'endings',
      {
        'a.ts': "import './b';\nimport './c.js';\nimport './d';\nimport './e.mjs';",
        'b.ts': NOTHING,
        'c.ts': NOTHING,
        'd/index.ts': NOTHING,
        'e.mts': NOTHING,
      },
    ],
    [
      'builds beside their source',
      {
        'a.ts': "import './b.js';\nimport './c';\nimport './d.mjs';",
        'b.ts': NOTHING,
        'b.js': OLD,
        'c.ts': NOTHING,
        'c.js': OLD,
        'd.mts': NOTHING,
        'd.mjs': OLD,
      },
    ],
    ['JavaScript that means itself', { 'a.ts': "import './b.mjs';", 'b.mjs': "import './c.js';", 'c.js': 'export {};', 'c.ts': OLD }],
    [
      'paths that win over packages',
      {
        'a.ts': "import 'pad';\nimport '@x/y';\nimport './c.mjs';",
        'c.mjs': "import 'pad2';",
        'tsconfig.json': '{ "compilerOptions": { "paths": { "pad*": ["./src/pad*.ts"], "@x/*": ["./types/*.d.ts"] } } }',
        'src/pad.ts': NOTHING,
        'src/pad2.ts': OLD,
        'types/y.d.ts': '',
        'node_modules/@x/y/package.json': '{ "name": "@x/y", "version": "1.0.0" }',
        'node_modules/@x/y/index.js': '',
        'node_modules/pad/package.json': '{ "name": "pad", "version": "1.0.0" }',
        'node_modules/pad/index.js': "throw new Error('the package ran');",
        'node_modules/pad2/package.json': '{ "name": "pad2", "version": "1.0.0" }',
        'node_modules/pad2/index.js': '',
      },
    ],
    [
      'imports of package.json',
      {
        'a.ts': "import '#b';\nimport '#c/x';",
        'package.json': '{ "imports": { "#b": "./src/b.ts", "#c/*": "./src/*.js" } }',
        'src/b.ts': NOTHING,
        'src/x.ts': NOTHING,
      },
    ],
    [
      'a name of its own',
      { 'a.ts': "import 'mine/b';", 'package.json': '{ "name": "mine", "exports": { "./*": "./src/*.ts" } }', 'src/b.ts': NOTHING },
    ],
    [
      'conditions',
      {
        'a.ts': "import '#b';",
        'package.json': '{ "imports": { "#b": { "require": "./c.ts", "import": "./b.ts" } } }',
        'b.ts': NOTHING,
        'c.ts': OLD,
      },
    ],
  ])('%s', async (_what, files) => {
    const said = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, /^node_modules|json$|\.d\.ts$/.test(name) ? text : text + SAY]),
    );
    const made = make({ ...said, 'main.mjs': "await import('./a.ts');\nconsole.log(JSON.stringify(globalThis.said));" });
    const { stdout, stderr } = await run(made.root, 'main.mjs');
    expect(stderr).toBe('');
    const ran = JSON.parse(stdout).map((url: string) => relative(made.root, new URL(url).pathname));
    expect(filesOf(made, 'a.ts').sort()).toEqual(ran.sort());
  });
});
