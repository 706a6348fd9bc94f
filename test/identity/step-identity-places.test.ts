import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'oxc-transform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BASE } from './steps/base-project.ts';
import { type Computed, compute, writeFiles } from './steps/compute.ts';
import { TYPESCRIPT } from './steps/typescript.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-places-')));
afterAll(() => rmSync(folder, { recursive: true }));

// A build has no tsconfig.json to follow.
const FILES: Record<string, string> = { ...BASE, ...TYPESCRIPT };
for (const [file, text] of Object.entries(FILES)) FILES[file] = text.replace('@lib/score', '../src/lib/score.ts');

/** As oxc strips types, and esbuild, swc and Node much alike. */
function stripped(files: Record<string, string>, target: string): Record<string, string> {
  const built = Object.entries(files).map(([file, text]) => {
    if (!file.endsWith('.ts')) return [file, text];
    const { code, errors } = transformSync(file, text, { target, typescript: { rewriteImportExtensions: 'rewrite' } });
    expect(errors).toEqual([]);
    return [file.replace(/\.ts$/, '.js'), code];
  });
  return Object.fromEntries(built);
}

/** As TypeScript itself builds. */
function compiled(source: string, to: string): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const options = [
    '--noCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--rewriteRelativeImportExtensions',
    '--sourceMap',
    '--isolatedModules',
  ];
  const entries = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('node_modules'),
  );
  try {
    execFileSync(process.execPath, [tsc, ...options, '--ignoreConfig', '--rootDir', '.', '--outDir', to, ...entries], { cwd: source });
  } catch {
    // It has found no flowyml there, and has built all the same.
  }
  cpSync(source, to, { recursive: true, filter: (file) => !file.endsWith('.ts') });
}

const PLACES = {
  source: 'src',
  'another folder': 'deeper/a (b) [c] #d/ü e',
  'a symbolic link': 'link',
  'a build by oxc': 'oxc',
  'a build by oxc for an older target': 'older',
  'a build by tsc, with source maps beside it': 'tsc',
};
const results = new Map<string, Computed>();

beforeAll(async () => {
  const source = writeFiles(join(folder, PLACES.source), FILES);
  writeFiles(join(folder, PLACES['another folder']), FILES);
  symlinkSync(source, join(folder, PLACES['a symbolic link']));
  writeFiles(join(folder, PLACES['a build by oxc']), stripped(FILES, 'esnext'));
  writeFiles(join(folder, PLACES['a build by oxc for an older target']), stripped(FILES, 'es2022'));
  compiled(source, join(folder, PLACES['a build by tsc, with source maps beside it']));
  const requests = Object.entries(PLACES).map(([name, place]) => {
    const root = join(folder, place);
    return { root, module: join(root, `pipelines/main.${name.startsWith('a build') ? 'js' : 'ts'}`) };
  });
  const computed = await compute(requests);
  for (const [index, name] of Object.keys(PLACES).entries()) results.set(name, computed[index] as Computed);
});

it.each(Object.keys(PLACES).slice(1))('is the same in %s', (place) => {
  const [expected, actual] = [results.get('source') as Computed, results.get(place) as Computed];
  expect(expected.error ?? actual.error).toBeUndefined();
  const shown = ({ steps }: Computed) =>
    Object.entries(steps).map(
      ([name, { hash, parts }]) => `${name} ${hash}\n${parts.map((each) => `  ${each.name} ${each.hash}`).join('\n')}`,
    );
  const names = (each: string) => each.replaceAll(/\.[jt]s\b/g, '').replaceAll(/:(?:line|step) .*? /g, ' ');
  expect(shown(actual).map(names)).toEqual(shown(expected).map(names));
  expect(Object.keys(actual.steps)).toContain('typed');
});
