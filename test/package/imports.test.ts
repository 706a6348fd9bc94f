import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const CHECK = fileURLToPath(new URL('../../scripts/check-imports.mjs', import.meta.url));

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Runs the check on a tree of these files, or on the clone; gives what it printed and its exit code. */
function check(files?: Record<string, string>) {
  const root = files && mkdtempSync(join(tmpdir(), 'flowyml-imports-'));
  for (const [path, text] of Object.entries({ 'package.json': '{ "dependencies": { "zod": "4" } }', ...files })) {
    if (!root) break;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (root) roots.push(root);
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK, ...(root ? [root] : [])], { encoding: 'utf8' });
  return { status, problems: stderr.trim().split('\n').filter(Boolean), stdout };
}

/** The one problem of a tree. */
function problem(files: Record<string, string>): string {
  const { status, problems } = check(files);
  expect(problems).toHaveLength(1);
  expect(status).toBe(1);
  return problems[0] ?? '';
}

it('the clone keeps the rules', () => {
  expect(check()).toMatchObject({ status: 0, problems: [] });
});

describe('an import that a row does not allow', () => {
  it('is named with its line, what is allowed, and where that is written', () => {
    const said = problem({
      'stacks/a.ts': "// first\nimport { b } from '../client/b.ts';\nb();\n",
      'client/b.ts': 'export const b = () => {};\n',
    });
    expect(said).toMatch(
      /^stacks\/a\.ts:2 {2}'\.\.\/client\/b\.ts': stacks\/ may import pipelines, loader, artifacts, identity, metadata, not client {2}\(rule: scripts\/check-imports\.mjs:(\d+)\)$/,
    );
    const line = Number(/:(\d+)\)$/.exec(said)?.[1]);
    expect(readFileSync(CHECK, 'utf8').split('\n')[line - 1]).toMatch(/^ {2}stacks: \{/);
  });

  it.each([
    ['dynamic', "export const b = () => import('../cli/b.ts');"],
    ['in a type', "export type B = import('../cli/b.ts').B;"],
    ['of types', "import type { B } from '../cli/b.ts';\nexport const b = (b: B) => b;"],
    ['exported again', "export * from '../cli/b.ts';"],
  ])('%s', (_how, text) => {
    expect(problem({ 'client/a.ts': text, 'cli/b.ts': 'export interface B {}' })).toMatch(/^client\/a\.ts:1 .*not cli/);
  });

  it('of a package: one that the folder has no use for', () => {
    expect(problem({ 'client/a.ts': "import 'commander';" })).toMatch(
      /'commander': of packages, client\/ may import @temporalio\/client, /,
    );
  });

  it('of a package that only a clone has', () => {
    const files = { 'loader/a.mjs': "import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('get-tsconfig');" };
    expect(problem(files)).toMatch(/^loader\/a\.mjs:2 .*not among the dependencies of package\.json/);
  });

  it('of Node in the language; of apache-arrow but for its types', () => {
    expect(problem({ 'pipelines/a.ts': "import 'node:fs';" })).toMatch(/pipelines\/ is free of Node's own modules/);
    expect(problem({ 'pipelines/a.ts': "import 'apache-arrow';" })).toMatch(/its types only: `import type`/);
  });
});

it('zod and Node stay out of the workflow bundle, however far away', () => {
  const files = {
    'workflows/index.ts': "export * from '../pipelines/graph.ts';",
    'pipelines/graph.ts': "import type { Plan } from './plan.ts';\nexport { names } from './names.ts';\nexport type { Plan };",
    'pipelines/names.ts': "import { type z } from 'zod';\nexport const names: z.Schema[] = [];",
    'pipelines/plan.ts': "import { z } from 'zod';\nexport type Plan = z.Schema;",
  };
  expect(problem(files)).toMatch(
    /^pipelines\/names\.ts:1 {2}'zod' gets into the workflow bundle: workflows\/index\.ts -> pipelines\/graph\.ts -> pipelines\/names\.ts/,
  );
});

it('a relative import names a file that exists, with its ending', () => {
  expect(problem({ 'client/a.ts': "import './b';", 'client/b.ts': '' })).toMatch(/'\.\/b': a relative import names its file/);
  expect(problem({ 'test/a.ts': "import './b.js';", 'test/b.ts': '' })).toMatch(/with \.ts or \.mjs at the end/);
  expect(problem({ 'client/a.ts': "import './b.ts';" })).toMatch(/there is no client\/b\.ts/);
});

it('an example imports the package, not the clone', () => {
  const files = {
    'examples/01-a/pipelines/a.ts': "import '../src/b.ts';\nimport '../../../run.ts';",
    'examples/01-a/src/b.ts': '',
    'run.ts': '',
  };
  expect(problem(files)).toMatch(/^examples\/01-a\/pipelines\/a\.ts:2 .*an example imports 'flowyml' and its own files/);
});

it('a folder or file that the table does not know is not overlooked', () => {
  expect(problem({ 'helpers/a.ts': '' })).toMatch(/^helpers\/a\.ts:1 {2}helpers has no row/);
  expect(problem({ 'helper.ts': '', 'drizzle.config.ts': "import 'anything';" })).toMatch(/^helper\.ts:1 {2}helper\.ts has no row/);
});

it('files do not import each other in a circle when they run', () => {
  const files = { 'client/a.ts': "import './b.ts';", 'client/b.ts': "import './c.ts';", 'client/c.ts': "import type {} from './a.ts';" };
  expect(check(files).problems).toEqual([]);
  expect(problem({ ...files, 'client/c.ts': "import './a.ts';" })).toMatch(/in a circle: client\/a\.ts, client\/b\.ts, client\/c\.ts/);
});
