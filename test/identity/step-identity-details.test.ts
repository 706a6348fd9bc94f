import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapStep, step } from '../../pipelines/index.ts';
import { BASE } from './steps/base-project.ts';
import { type Computed, compute, writeFiles } from './steps/compute.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-details-')));
afterAll(() => rmSync(folder, { recursive: true }));

const HIDING = `import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process, { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { pipeline, step } from 'flowyml';
const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
export default pipeline('hiding', {
  steps: [
    step({ name: 'variables' }, () => {
      const { HOME, PATH = '' } = process.env;
      return [process.env.ONE, process.env['TWO'], env.THREE, HOME, PATH];
    }),
    step({ name: 'environment' }, () => Object.keys(process.env)),
    step({ name: 'imports' }, async (name: string) => [await import(name), require(name), new URL(name, import.meta.url)]),
    step({ name: 'code' }, () => [eval('1'), new Function('return 1')()]),
    step({ name: 'files' }, () => readFile(join(here, 'a'))),
    step({ name: 'folder' }, () => new URL('./data/', import.meta.url)),
    step({ name: 'shadowed' }, (eval_: unknown, process: { env: { X: 1 } }) => process.env.X),
    step({ name: 'named', cache: { also: ['ONE'] } } as { name: 'named' }, () => process.env.ONE),
  ] as never,
});
`;
const ALSO = (name: string) => `import { pipeline, step } from 'flowyml';
const also = [${name}];
export default pipeline('also', { steps: [step({ name: 'it', cache: { also } } as { name: 'it' }, () => 1)] });
`;
const OTHERWISE = (more = '') => `import { pipeline, step } from 'flowyml';
${more}
const plain = step({ name: 'plain' }, () => 1);
const make = (0, eval)("(step, name) => step({ name }, () => 1)");
let later;
const ready = new Promise((resolve) => { later = resolve; });
function called() { later(step({ name: 'late' }, () => 1)); }
setTimeout(called, 1);
export default pipeline('otherwise', {
  steps: [plain, { ...plain, name: 'copy' }, make(step, 'evaluated_a'), make(step, 'evaluated_b'), await ready] as never,
});
`;
// What a debugger or a reporter of errors may do, and code that cares about its stacks.
const SPOILED = `Error.stackTraceLimit = 1;
${(BASE['steps/load.ts'] ?? '').replace(/^/, '')}
for (const each of [load, count]) for (const key of Object.getOwnPropertySymbols(each)) String((each as never as Record<symbol, Error>)[key]?.stack);
`;
const PROJECTS: Record<string, Record<string, string>> = {
  base: { ...BASE },
  hiding: { 'pipelines/main.ts': HIDING, 'pipelines/data/a': '' },
  'also a file': { 'pipelines/main.ts': ALSO("'./words.txt'"), 'pipelines/words.txt': 'a' },
  'also another content': { 'pipelines/main.ts': ALSO("'./words.txt'"), 'pipelines/words.txt': 'b' },
  'also in the project folder': { 'pipelines/main.ts': ALSO("'data/words.txt'"), 'data/words.txt': 'a' },
  'also a URL': { 'pipelines/main.ts': ALSO("new URL('./words.txt', import.meta.url)"), 'pipelines/words.txt': 'a' },
  'also a folder': { 'pipelines/main.ts': ALSO("'./words'"), 'pipelines/words/a/b.txt': 'a' },
  'also another folder': { 'pipelines/main.ts': ALSO("'./words'"), 'pipelines/words/a/c.txt': 'a' },
  'also a variable': { 'pipelines/main.ts': ALSO("'SOME_REGION'") },
  'also nothing': { 'pipelines/main.ts': ALSO('') },
  'also gone': { 'pipelines/main.ts': ALSO("'./gone.txt'") },
  otherwise: { 'pipelines/main.ts': OTHERWISE(), 'pipelines/other.ts': '' },
  'otherwise, with a comment': { 'pipelines/main.ts': OTHERWISE('// why') },
  spoiled: { ...BASE, 'steps/load.ts': SPOILED },
  packaged: {
    'pipelines/main.ts': "export { default } from 'shared-steps';\n",
    'node_modules/shared-steps/package.json': '{ "name": "shared-steps", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'node_modules/shared-steps/index.js':
      "import { pipeline, step } from 'flowyml';\nexport default pipeline('shared', { steps: [step({ name: 'it' }, () => 1)] });\n",
  },
};
const results = new Map<string, Computed>();
let elsewhere: Computed | undefined;

beforeAll(async () => {
  const requests = Object.entries(PROJECTS).map(([name, files]) => {
    const root = writeFiles(join(folder, name.replaceAll(/\W/g, '-')), { 'flowyml.yaml': '', ...files });
    return { root, module: join(root, 'pipelines/main.ts') };
  });
  const env = { ONE: '1', SOME_REGION: 'north' };
  const computed = await compute(requests, env);
  for (const [index, name] of Object.keys(PROJECTS).entries()) results.set(name, computed[index] as Computed);
  const variable = requests[Object.keys(PROJECTS).indexOf('also a variable')];
  [elsewhere] = await compute(variable ? [variable] : [], { SOME_REGION: 'south' });
});

function identity(project: string, name: string) {
  const { steps, error } = results.get(project) as Computed;
  expect(error).toBeUndefined();
  const found = steps[name];
  if (!found) throw new Error(`no step ${name}: ${Object.keys(steps)}`);
  return found;
}
const hash = (project: string, name = 'it') => identity(project, name).hash;
const names = (project: string, name = 'it') => identity(project, name).parts.map((part) => `${part.kind} ${part.name}`);

describe('parts', () => {
  it('say what an identity is made of', () => {
    expect(names('base', 'load').filter((name) => !name.includes('zod'))).toEqual([
      'declaration steps/load.ts:load',
      'json src/settings.json',
      'asset src/query.sql',
      'declaration steps/load.ts:Limit',
      'declaration src/text.ts:normalize',
      'declaration src/level.ts:Level',
      'declaration src/chars.ts:strip',
      'declaration src/config.ts:MAXIMUM',
    ]);
    expect(names('base', 'score')).toEqual([
      'declaration steps/train.ts:score',
      'declaration src/lib/score.ts:points',
      'declaration src/registry.ts:registry',
      'declaration src/plugins.ts:line 3',
      'declaration src/best.ts:best',
    ]);
    expect(names('base', 'train')).toContain('package pad@1.0.0');
    expect(names('base', 'inline_two')).toEqual(['declaration pipelines/main.ts:step inline_two']);
    expect(names('base', 'loop_c')).toEqual(['declaration steps/made.ts:step loop_c']);
  });

  it('have hashes of their own', () => {
    for (const { hash } of identity('base', 'train').parts) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('warnings', () => {
  it.each([
    [
      'variables',
      ['ONE', 'TWO', 'THREE', 'HOME', 'PATH'].map((name) => `pipelines/main.ts:step variables: the environment variable ${name}`),
    ],
    ['environment', ['pipelines/main.ts:step environment: the environment']],
    [
      'imports',
      ['an import() of a computed name', 'a require() of a computed name', 'a new URL() of a computed name'].map(
        (what) => `pipelines/main.ts:step imports: ${what}`,
      ),
    ],
    ['code', ['code run by eval()', 'code made by new Function()'].map((what) => `pipelines/main.ts:step code: ${what}`)],
    ['files', ['pipelines/main.ts:here: files found by import.meta.url']],
    ['folder', ['pipelines/main.ts:step folder: the files in ./data/']],
    ['shadowed', []],
    ['named', []],
  ])('name what cannot be seen: %s', (name, expected) => {
    expect(identity('hiding', name).warnings.sort()).toEqual([...expected].sort());
  });

  it('are not there for plain steps', () => {
    const { steps } = results.get('base') as Computed;
    expect(Object.values(steps).flatMap(({ warnings }) => warnings)).toEqual(
      ['src/lazy.ts', 'steps/more.ts'].slice(1).map((file) => `${file}:lazy: the environment variable REGION`),
    );
  });
});

describe('cache.also', () => {
  it('counts files and folders by what is in them, wherever they lie', () => {
    expect(hash('also another content')).not.toBe(hash('also a file'));
    expect(hash('also in the project folder')).toBe(hash('also a file'));
    expect(hash('also a URL')).toBe(hash('also a file'));
    expect(hash('also another folder')).not.toBe(hash('also a folder'));
    expect(names('also a file')).toContain('also pipelines/words.txt');
  });

  it('counts variables of the environment', () => {
    expect(names('also a variable')).toContain('also SOME_REGION');
    expect(elsewhere?.steps.it?.hash).not.toBe(hash('also a variable'));
  });

  it('says what is not there', () => {
    expect(identity('also gone', 'it').warnings).toEqual(["step 'it': cache.also: there is no file './gone.txt'"]);
    expect(hash('also gone')).not.toBe(hash('also nothing'));
  });
});

describe('a step whose code is not found', () => {
  it.each(['copy', 'evaluated_a', 'evaluated_b', 'late'])('counts all of its module: %s', (name) => {
    expect(names('otherwise', name)).toEqual(['module pipelines/main.ts']);
    expect(identity('otherwise', name).warnings).toHaveLength(1);
    expect(hash('otherwise, with a comment', name)).not.toBe(hash('otherwise', name));
  });

  it('is still told apart by its name', () => {
    expect(hash('otherwise', 'evaluated_a')).not.toBe(hash('otherwise', 'evaluated_b'));
  });

  it('leaves its neighbours alone', () => {
    expect(hash('otherwise, with a comment', 'plain')).toBe(hash('otherwise', 'plain'));
  });

  it('counts the version of the package that it comes from', () => {
    expect(names('packaged')).toEqual(['module pipelines/main.ts']);
  });
});

it('finds steps whose stack was read before, by code that keeps stacks short', () => {
  for (const name of ['load', 'count']) {
    expect(names('spoiled', name)).toEqual([...names('base', name), 'declaration steps/load.ts:line 1']);
  }
});

describe('the place that a step keeps', () => {
  it('is not among its keys, and changes no setting', () => {
    const before = Error.stackTraceLimit;
    const made = [step({ name: 'a' }, () => 1), mapStep({ name: 'b', items: 'rows', item: {} as never }, () => 1)];
    for (const each of made) {
      expect(Object.keys(each).filter((key) => /origin/i.test(key))).toEqual([]);
      expect(Object.getOwnPropertySymbols({ ...each })).toHaveLength(1);
    }
    expect(Error.stackTraceLimit).toBe(before);
  });

  it('costs next to nothing', () => {
    const start = performance.now();
    for (let i = 0; i < 10_000; i++) step({ name: 'a' }, () => 1);
    // 3 µs each; the limit is for a busy machine.
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
