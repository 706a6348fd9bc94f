import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { node, type Project, project, REGISTER, run } from './project.ts';

const projects: Project[] = [];
const make = (files: Record<string, string>) => {
  const made = project(files);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const each of projects) each.remove();
});

/** Runs `main.ts` of a project made of these files, and gives what it printed. */
async function printed(files: Record<string, string>): Promise<string> {
  const { root } = make(files);
  const { code, stdout, stderr } = await run(root, 'main.ts');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout.trim();
}

// What oxc's translation of decorators and `using` calls.
const hasHelpers = existsSync(new URL('../../node_modules/@oxc-project/runtime', import.meta.url));

const MAIN = "import { a } from './a.ts';\nconst said: string = a;\nconsole.log(said, typeof import.meta.url);\n";

describe('TypeScript is an ES module', () => {
  it.each([
    ['without a package.json', {}],
    ['where package.json has no type', { 'package.json': '{}' }],
    ['where package.json says commonjs', { 'package.json': '{ "type": "commonjs" }' }],
    ['where package.json says module', { 'package.json': '{ "type": "module" }' }],
  ])('%s', async (_where, files: Record<string, string>) => {
    expect(await printed({ ...files, 'main.ts': MAIN, 'a.ts': "export const a: string = 'A';" })).toBe('A string');
  });

  it('with what types alone do not cover: enums, parameter properties, namespaces', async () => {
    const text = `enum Color { Red = 1, Green }
      const enum Size { Small = 's' }
      namespace Names { export const one = 'one' }
      class Point { constructor(readonly x: number, private y = 2) {} sum() { return this.x + this.y } }
      console.log(Color.Green, Color[1], Size.Small, Names.one, new Point(1).sum());`;
    expect(await printed({ 'main.ts': text })).toBe('2 Red s one 3');
  });

  it('also as .mts and .tsx; .cts is CommonJS', async () => {
    const files = {
      'main.ts': "import { a } from './a.mts';\nimport { b } from './b.tsx';\nimport c from './c.cts';\nconsole.log(a, b, c.c, c.dir);",
      'a.mts': 'export const a: number = 1;',
      'b.tsx': 'const h = (tag: string) => tag;\nexport const b = h("b") as string;',
      'c.cts':
        "import path = require('node:path');\nmodule.exports = { c: require('./c.json').c as number, dir: typeof path.join + typeof __dirname };",
      'c.json': '{ "c": 3 }',
    };
    expect(await printed(files)).toBe('1 b 3 functionstring');
  });

  it.skipIf(!hasHelpers)('with `using`, which this Node may not know', async () => {
    const text = "{ using a = { [Symbol.dispose]() { console.log('closed') } }; console.log('open', typeof a) }";
    expect(await printed({ 'main.ts': text })).toBe('open object\nclosed');
  });
});

describe('imports', () => {
  it('leave out the ending, name .js, or a folder', async () => {
    const files = {
      'main.ts':
        "import { a } from './a';\nimport { b } from './b.js';\nimport { c } from './c';\nimport { d } from './d.mjs';\nconsole.log(a, b, c, d);",
      'a.ts': "export const a = 'a';",
      'b.ts': "export const b = 'b';",
      'c/index.ts': "export const c = 'c';",
      'd.mts': "export const d = 'd';",
    };
    expect(await printed(files)).toBe('a b c d');
  });

  it('of x.js find x.ts, not an old build of it', async () => {
    const files = {
      'main.ts': "import { a } from './a.js';\nconsole.log(a);",
      'a.ts': "export const a = 'new';",
      'a.js': "export const a = 'old';",
    };
    expect(await printed(files)).toBe('new');
  });

  it('go through the paths and baseUrl of tsconfig.json, comments and extends included', async () => {
    const files = {
      'tsconfig.base.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"], "@lib": ["./lib/index.ts"] } } }',
      'tsconfig.json': '{ // a comment\n "extends": "./tsconfig.base.json", }',
      'src/main.ts': "import { a } from '@lib/a';\nimport { b } from '@lib/b.js';\nimport { all } from '@lib';\nconsole.log(a, b, all);",
      'lib/a.ts': "export const a = 'a';",
      'lib/b.ts': "export const b = 'b';",
      'lib/index.ts': "export const all = 'all';",
      'main.ts': "import './src/main.ts';",
    };
    expect(await printed(files)).toBe('a b all');
  });

  it('follow the imports of package.json and self-references', async () => {
    const files = {
      'package.json': '{ "name": "mine", "imports": { "#lib/*": "./lib/*.ts" }, "exports": { "./lib": "./lib/a.ts" } }',
      'main.ts': "import { a } from '#lib/a';\nimport { a as b } from 'mine/lib';\nconsole.log(a === b);",
      'lib/a.ts': 'export const a = {};',
    };
    expect(await printed(files)).toBe('true');
  });

  it('of JSON need no attribute and print no warning', async () => {
    const files = {
      'main.ts':
        "import a from './a.json';\nimport b from './a.json' with { type: 'json' };\nconsole.log(a.x, b.x, Object.keys(a).length);",
      'a.json': '{ "x": 1, "__proto__": { "y": 2 } }',
    };
    expect(await printed(files)).toBe('1 1 2');
  });

  it('of a linked workspace package load its TypeScript', async () => {
    const made = make({
      'app/main.ts': "import { lib } from '@acme/lib';\nconsole.log(lib);",
      'app/node_modules/@acme/.keep': '',
      'lib/package.json': '{ "name": "@acme/lib", "type": "commonjs", "exports": "./src/index.ts" }',
      'lib/src/index.ts': "import { deep } from './deep.js';\nexport const lib: string = deep;",
      'lib/src/deep.ts': "export const deep = 'deep';",
    });
    symlinkSync(made.path('lib'), made.path('app/node_modules/@acme/lib'));
    expect((await run(made.path('app'), 'main.ts')).stdout.trim()).toBe('deep');
  });

  it('that find nothing keep the error of Node', async () => {
    const { root } = make({ 'main.ts': "import './gone.ts';", 'tsconfig.json': '{}' });
    const { code, stderr } = await run(root, 'main.ts');
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot find module '${root}/gone.ts' imported from ${root}/main.ts`);
  });
});

describe('tsconfig.json', () => {
  it('decides how class fields behave', async () => {
    const text = `class Base { constructor() { this.init() } init() {} }
      class Derived extends Base { value: string | undefined; override init() { this.value = 'kept' } }
      console.log(new Derived().value);`;
    expect(await printed({ 'main.ts': text })).toBe('undefined');
    expect(await printed({ 'main.ts': text, 'tsconfig.json': '{ "compilerOptions": { "target": "ES2020" } }' })).toBe('kept');
  });

  it.skipIf(!hasHelpers)('decides what decorators are', async () => {
    const text = `const log: string[] = [];
      const note = (name: string) => (target: unknown, key?: string, at?: unknown): void => void log.push(name);
      @note('class') class K { @note('field') x = 1; @note('method') m(@note('argument') a: string) {} }
      console.log(log.join());`;
    const options = '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }';
    expect(await printed({ 'main.ts': text, 'tsconfig.json': options })).toBe('field,argument,method,class');
  });

  it('that is broken is named', async () => {
    const { root } = make({ 'main.ts': 'export const a: number = 1;', 'tsconfig.json': '{ "extends": "./gone.json" }' });
    const { code, stderr } = await run(root, 'main.ts');
    expect(code).toBe(1);
    expect(stderr).toContain(`${root}/tsconfig.json: `);
  });
});

describe('errors', () => {
  it('of syntax name file, line and column', async () => {
    const { root } = make({ 'main.ts': "const é: string = 'ö';\nconst b = (é;\n" });
    const { code, stderr } = await run(root, 'main.ts');
    expect(code).toBe(1);
    expect(stderr).toContain(`${root}/main.ts:2:13: Expected \`,\` or \`)\` but found \`;\`\n  2 | const b = (é;\n    |             ^`);
    expect(stderr).not.toContain('transform.mjs');
  });

  it('of JSON name the file', async () => {
    const { root } = make({ 'main.ts': "import './a.json';", 'a.json': '{ x: 1 }' });
    expect((await run(root, 'main.ts')).stderr).toContain(`${root}/a.json: `);
  });

  it('at run time point into the TypeScript', async () => {
    const { root } = make({
      'main.ts': "import { fail } from './fail.ts';\n\nfail({ reason: 'x' });\n",
      'fail.ts':
        "interface Why {\n  reason: string;\n}\n\nexport function fail(why: Why): never {\n  const é = 'é'; throw new Error(why.reason + é);\n}\n",
    });
    const { stderr } = await run(root, 'main.ts');
    expect(stderr).toContain(`at fail (${root}/fail.ts:6:24)`);
    expect(stderr).toContain(`${root}/main.ts:3:1)`);
  });
});

describe('flowyml', () => {
  const SAME = `import { pipeline } from 'flowyml';
    const own = await import(process.argv[2] as string);
    console.log(pipeline === own.pipeline);`;
  const INDEX = new URL('../../index.ts', import.meta.url).href;

  it('is the copy that runs, in a project that has none', async () => {
    const { root } = make({ 'main.ts': SAME });
    expect((await run(root, 'main.ts', INDEX)).stdout.trim()).toBe('true');
  });

  it('is the copy that runs, in a project that has another', async () => {
    const { root } = make({
      'main.ts': SAME,
      'node_modules/flowyml/package.json': '{ "name": "flowyml", "type": "module", "exports": "./index.js" }',
      'node_modules/flowyml/index.js': 'export const pipeline = 1;',
    });
    expect((await run(root, 'main.ts', INDEX)).stdout.trim()).toBe('true');
  });

  it('comes from source where the loader does, without -C', async () => {
    const { root } = make({ 'main.ts': SAME });
    expect((await node(root, ['--import', REGISTER, 'main.ts', INDEX])).stdout.trim()).toBe('true');
  });

  it('lends its zod to a project that has none, and only then', async () => {
    expect(await printed({ 'main.ts': "import { z } from 'zod';\nconsole.log(z.number().parse(1));" })).toBe('1');
    const own = {
      'main.ts': "import { z } from 'zod';\nconsole.log(z);",
      'node_modules/zod/package.json': '{ "name": "zod", "type": "module", "exports": "./index.js" }',
      'node_modules/zod/index.js': "export const z = 'theirs';",
    };
    expect(await printed(own)).toBe('theirs');
  });

  it('does not fall over CommonJS that requires it', async () => {
    const { root } = make({
      'main.ts': "import { outcome } from './old.cjs';\nconsole.log(outcome);",
      'old.cjs': "let outcome = 'required';\ntry { require('flowyml') } catch { outcome = 'refused' }\nexports.outcome = outcome;",
    });
    const { code, stdout } = await run(root, 'main.ts');
    expect(code).toBe(0);
    expect(['required', 'refused']).toContain(stdout.trim());
  });
});

describe('registering', () => {
  it('twice is harmless', async () => {
    const { root } = make({ 'main.ts': `await import('${REGISTER}?again');\n${MAIN}`, 'a.ts': "export const a = 'A';" });
    const { stdout, stderr } = await node(root, ['--import', REGISTER, '--import', fileURLToPath(REGISTER), 'main.ts']);
    expect([stdout.trim(), stderr]).toEqual(['A string', '']);
  });

  it('happens in threads too', async () => {
    const { root } = make({
      'main.ts': "import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./thread.ts', import.meta.url));",
      'thread.ts': 'enum A { x = 7 }\nconsole.log(A.x);',
    });
    expect((await run(root, 'main.ts')).stdout.trim()).toBe('7');
  });
});
