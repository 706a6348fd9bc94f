import { mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Project, probe, project, run } from './project.ts';

const HEAD = "import { pipeline } from 'flowyml';\n";
// As `run()` of flowyml begins.
const RUN = `const run = (p: unknown): Promise<void> => {
  if (globalThis[Symbol.for('flowyml.loader')]?.take(p)) return new Promise(() => {});
  console.log('REALLY RAN');
  return Promise.resolve();
};\n`;
const DECLARE = 'declare global { var x: never }\ndeclare const globalThis: Record<symbol, { take(p: unknown): boolean } | undefined>;\n';

const projects: Project[] = [];
const make = (files: Record<string, string>) => {
  const made = project(files);
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const each of projects) each.remove();
});

const load = (text: string, argument = 'a.ts', more: Record<string, string> = {}) => probe(make({ 'a.ts': text, ...more }).root, argument);
const problem = async (text: string, argument = 'a.ts', more: Record<string, string> = {}) =>
  (await load(text, argument, more)).error?.message;

describe('exports', () => {
  it('are found by their brand, the default one first', async () => {
    const { pipelines, picked } = await load(
      `${HEAD}export const b = pipeline('bee');\nexport default pipeline('main');\nexport const other = 3;`,
    );
    expect(pipelines).toEqual([
      ['default', 'main'],
      ['b', 'bee'],
    ]);
    expect(picked).toEqual(['default', 'main']);
  });

  it('may be one pipeline under two names', async () => {
    const { picked } = await load(`${HEAD}const p = pipeline('p');\nexport { p as one, p as two };`);
    expect(picked).toEqual(['one', 'p']);
  });

  it('are picked by the name of the export or of the pipeline', async () => {
    const text = `${HEAD}export const b = pipeline('bee');\nexport const c = pipeline('sea');\nexport default pipeline('main');`;
    expect((await load(text, 'a.ts#c')).picked).toEqual(['c', 'sea']);
    expect((await load(text, 'a.ts#sea')).picked).toEqual(['c', 'sea']);
    expect((await load(text, 'a.ts#default')).picked).toEqual(['default', 'main']);
  });

  it('of JavaScript count as well, in either module system', async () => {
    const files = { 'b.mjs': `${HEAD}export default pipeline('esm');`, 'package.json': '{ "type": "commonjs" }' };
    const { root } = make(files);
    expect((await probe(root, 'b.mjs')).picked).toEqual(['default', 'esm']);
  });

  it('carry the file that made them', async () => {
    const { root } = make({
      'a.ts': `${HEAD}export default pipeline('p');\nconsole.log((await import('./b.ts')).p.file);`,
      'b.ts': `${HEAD}export const p = pipeline('b');`,
    });
    expect((await probe(root, 'a.ts')).printed).toContain(`${root}/b.ts`);
  });
});

describe('run() at the top of a script', () => {
  it.each([
    ['awaited', "await run(pipeline('p'));\nconsole.log('AFTER');"],
    ['not awaited', "run(pipeline('p'));"],
    ['in a function', "async function main() { await run(pipeline('p')); }\nmain();"],
    ['after an await', "await new Promise((r) => setTimeout(r, 20));\nawait run(pipeline('p'));"],
  ])('%s hands its pipeline over and does not run', async (_how, text) => {
    const { picked, printed } = await load(HEAD + DECLARE + RUN + text);
    expect(picked).toEqual(['', 'p']);
    expect(printed.trim()).toBe('');
  });

  it('leaves the exports to be found where it is not awaited, each pipeline once', async () => {
    const text = `${HEAD}${DECLARE}${RUN}export const p = pipeline('p');\nrun(p);\nrun(pipeline('q'));`;
    expect((await load(text)).pipelines).toEqual([
      ['p', 'p'],
      ['', 'q'],
    ]);
  });

  it('does not run either when it comes after the module is loaded', async () => {
    const { picked, printed } = await load(
      `${HEAD}${DECLARE}${RUN}export default pipeline('p');\nsetTimeout(() => run(pipeline('late')), 30);`,
    );
    expect(picked).toEqual(['default', 'p']);
    expect(printed.trim()).toBe('');
  });

  it('runs where no loader is at work', async () => {
    const { root } = make({ 'a.ts': `${HEAD}${DECLARE}${RUN}await run(pipeline('p'));` });
    expect((await run(root, 'a.ts')).stdout.trim()).toBe('REALLY RAN');
  });
});

describe('loading', () => {
  const OWN = new URL('../../loader/load-module.ts', import.meta.url).href;

  it('twice gives the same pipelines, through a link too, and reloads only when asked', async () => {
    const made = make({
      'a.ts': `${HEAD}import { name } from './b';\nexport default pipeline(name);`,
      'b.ts': "export const name: string = 'one';",
      'main.ts': `import { writeFileSync } from 'node:fs';
        const { loadModule } = await import('${OWN}');
        const [first, second] = await Promise.all([loadModule('a.ts'), loadModule('link.ts')]);
        writeFileSync('b.ts', "export const name: string = 'two';");
        const third = await loadModule('a.ts');
        const fresh = await loadModule('a.ts', { fresh: true });
        const last = await loadModule('a.ts');
        const p = [first, second, third, fresh, last].map((each) => each.pipelines[0].pipeline);
        console.log(p[0] === p[1], p[0] === p[2], p[3].name, p[3] === p[4], p[3].file === p[0].file);`,
    });
    symlinkSync(made.path('a.ts'), made.path('link.ts'));
    expect((await run(made.root, 'main.ts')).stdout.trim()).toBe('true true two true true');
  });

  it('works again once a broken module is mended', async () => {
    const made = make({
      'a.ts': `${HEAD}import { name } from './b.ts';\nexport default pipeline(name);`,
      'b.ts': "export const name: string = '';\nthrow new Error('broken');",
      'main.ts': `import { writeFileSync } from 'node:fs';
        const { loadModule } = await import('${OWN}');
        await loadModule('a.ts').catch((error: Error) => console.log(error.message));
        writeFileSync('b.ts', "export const name: string = 'mended';");
        console.log((await loadModule('a.ts')).pipelines[0].pipeline.name);`,
    });
    expect((await run(made.root, 'main.ts')).stdout.trim()).toBe('a.ts failed to load: broken\n  at b.ts:2:7\nmended');
  });

  it('keeps apart modules that load at the same time', async () => {
    const script = (name: string, ms: number) =>
      `${HEAD}${DECLARE}${RUN}await new Promise((r) => setTimeout(r, ${ms}));\nawait run(pipeline('${name}'));`;
    const made = make({
      'a.ts': script('a', 30),
      'b.ts': script('b', 10),
      'main.ts': `const { loadModule } = await import('${OWN}');
        const both = await Promise.all([loadModule('a.ts'), loadModule('b.ts')]);
        console.log(both.map(({ pipelines }) => pipelines.map(({ pipeline }) => pipeline.name)).join());`,
    });
    expect((await run(made.root, 'main.ts')).stdout.trim()).toBe('a,b');
  });

  it('survives a module that prints', async () => {
    const { picked, printed } = await load(`${HEAD}console.log('hello');\nexport default pipeline('p');`);
    expect([picked, printed.trim()]).toEqual([['default', 'p'], 'hello']);
  });
});

describe('a mistake is one clear message', () => {
  it('no such file', async () => {
    expect(await problem(HEAD, 'training.ts', { 'trianing.ts': '' })).toBe("training.ts does not exist; did you mean 'trianing.ts'?");
    expect(await problem(HEAD, 'a', {})).toBe("a does not exist; did you mean 'a.ts'?");
    expect(await problem(HEAD, 'a.js', {})).toBe("a.js does not exist; did you mean 'a.ts'?");
    expect(await problem(HEAD, 'something.ts', {})).toBe('something.ts does not exist; modules in that folder: a.ts');
    expect(await problem(HEAD, 'gone/a.ts', {})).toBe('gone/a.ts does not exist: there is no folder gone');
  });

  it('a folder', async () => {
    const { root, path } = make({ 'sub/a.ts': '' });
    mkdirSync(path('empty'));
    expect((await probe(root, 'sub')).error?.message).toBe('sub is a folder: name a module in it (a.ts)');
    expect((await probe(root, 'empty')).error?.message).toBe('empty is a folder: name a module');
  });

  it('not a module', async () => {
    expect(await problem(HEAD, 'flow.yaml', { 'flow.yaml': '' })).toMatch(
      /^flow.yaml is not a TypeScript or JavaScript module: expected a file ending in .ts, /,
    );
  });

  it('a syntax error, in it or in what it imports', async () => {
    expect(await problem('export const a = ;')).toBe('a.ts:1:18: Unexpected token\n  1 | export const a = ;\n    |                  ^');
    expect(await problem("import './lib/b.ts';", 'a.ts', { 'lib/b.ts': '\nlet a = 1; let a = 2' })).toMatch(
      /^lib\/b.ts:2:16: Identifier `a` has already been declared/,
    );
    expect((await probe(make({ 'c.mjs': 'const a = 1;\nexport const b = ;' }).root, 'c.mjs')).error?.message).toBe(
      'c.mjs:2:18: Unexpected token\n  2 | export const b = ;\n    |                  ^',
    );
    expect(await problem("import './b.js';", 'a.ts', { 'package.json': '{ "type": "module" }', 'b.js': 'export const a = ;' })).toBe(
      "a.ts failed to load: SyntaxError: Unexpected token ';'",
    );
  });

  it('it throws', async () => {
    const text = "import { check } from './lib/check.ts';\ncheck();";
    const check =
      'interface A {\n  x: 1;\n}\nexport function check() {\n  const a: Partial<A> = {};\n  return (a.x as unknown as { y: { z: 1 } }).y.z;\n}';
    expect(await problem(text, 'a.ts', { 'lib/check.ts': check })).toBe(
      "a.ts failed to load: TypeError: Cannot read properties of undefined (reading 'y')\n  at check (lib/check.ts:6:46)",
    );
    expect(await problem("throw 'a string';")).toBe('a.ts threw while it was loaded: a string');
    expect(await problem(`${HEAD}pipeline('p', { stepz: [] } as object);`)).toMatch(
      /^a.ts failed to load: pipeline 'p': unknown option 'stepz'.*\n {2}at a.ts:2:1$/,
    );
  });

  it('it fails in a promise that it leaves behind', async () => {
    expect(
      await problem(
        `${HEAD}Promise.reject(new Error('left behind'));\nawait new Promise((r) => setTimeout(r, 50));\nexport default pipeline('p');`,
      ),
    ).toBe('a.ts failed to load: left behind\n  at a.ts:2:16');
  });

  it('it imports what is not there', async () => {
    expect(await problem("import 'left-pad';")).toBe("a.ts imports 'left-pad', which is not installed: run npm install left-pad");
    expect(await problem("import '@acme/pad/deep';")).toBe("a.ts imports '@acme/pad', which is not installed: run npm install @acme/pad");
    expect(await problem("import './lib/b.ts';", 'a.ts', { 'lib/b.ts': "import './c';" })).toBe(
      'lib/b.ts imports lib/c, which does not exist',
    );
    expect(await problem("import { b } from './b.ts';\nconsole.log(b);", 'a.ts', { 'b.ts': 'export const c = 1;' })).toMatch(
      /^a.ts failed to load: SyntaxError: The requested module '.\/b.ts' does not provide an export named 'b'\n {2}at a.ts:1$/,
    );
    expect(await problem("import { nothing } from 'flowyml/nothing';\nnothing();")).toMatch(
      /^a.ts failed to load: .*'.\/nothing' is not (?:defined|exported)/,
    );
  });

  it('it has no pipeline, or no such pipeline', async () => {
    expect(await problem('export const a = 1, b = 2;')).toBe(
      "a.ts has no pipeline: it exports a, b, none of them made by pipeline(). Add: export default pipeline('name', { steps: [...] })",
    );
    expect(await problem('')).toMatch(/^a.ts has no pipeline: it exports nothing\. Add: /);
    const two = `${HEAD}export const b = pipeline('bee');\nexport const c = pipeline('sea');`;
    expect(await problem(two)).toBe('a.ts has several pipelines: name one of them (a.ts#b, a.ts#c), or export one as default');
    expect(await problem(two, 'a.ts#been')).toBe("a.ts has no pipeline 'been'; did you mean 'bee'?");
    expect(await problem(two, 'a.ts#nothing')).toBe("a.ts has no pipeline 'nothing'; known: b, bee, c, sea");
    expect(await problem(`${HEAD}export const b = pipeline('x');\nexport const c = pipeline('x');`, 'a.ts#x')).toBe(
      "a.ts has several pipelines named 'x' (a.ts#b, a.ts#c)",
    );
    expect((await load(`${HEAD}export const b = pipeline('c');\nexport const c = pipeline('b');`, 'a.ts#b')).picked).toEqual(['c', 'b']);
  });
});
