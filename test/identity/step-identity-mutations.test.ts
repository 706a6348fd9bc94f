import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../loader/project.ts';
import { type Mutation, mutationsOf } from './steps/mutations.ts';
import type { Outcome } from './steps/mutations-child.ts';

const LIBRARY = fileURLToPath(new URL('./fixtures/library/', import.meta.url));
const CHILD = fileURLToPath(new URL('./steps/mutations-child.ts', import.meta.url));
const COUNT = 400;
// Every so manieth mutation is run, too: what its steps give shows what they reach, whatever anybody wrote down.
const RUN_EACH = 8;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-mutations-')));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same numbers every time, and for every seed others. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function picked(all: readonly Mutation[], count: number, seed: number): Mutation[] {
  const next = random(seed);
  const rest = [...all];
  const found: Mutation[] = [];
  while (rest.length && found.length < count) found.push(...rest.splice(Math.floor(next() * rest.length), 1));
  return found;
}

const files = readdirSync(LIBRARY).filter((file) => file !== 'steps.ts');
const all = files.flatMap((file) => mutationsOf(file, readFileSync(join(LIBRARY, file), 'utf8')));
const seed = Number(process.env.FLOWYML_TEST_SEED ?? 20261);
const mutations = picked(all, COUNT, seed);
let outcomes: Outcome[] = [];

beforeAll(async () => {
  const library = join(folder, 'library');
  cpSync(LIBRARY, library, { recursive: true });
  // Old files are not read again.
  for (const file of readdirSync(library)) utimesSync(join(library, file), 1e9, 1e9);
  const [input, output] = [join(folder, 'in.json'), join(folder, 'out.json')];
  writeFileSync(input, JSON.stringify({ mutations, runEach: RUN_EACH }));
  const { code, stdout, stderr } = await run(folder, CHILD, library, input, output);
  if (code !== 0) throw new Error(`the child ended with ${code}: ${stdout}${stderr}`);
  outcomes = JSON.parse(readFileSync(output, 'utf8'));
});

const each = () => outcomes.map((outcome, index) => ({ ...outcome, ...(mutations[index] as Mutation) }));

const shown = (wrong: readonly (Outcome & Mutation)[]) =>
  wrong.map(({ what, changed, reachedBy }) => `${what}: changed ${changed}, reached by ${reachedBy}`);

it(`changes the identity of every step that reaches the mutated code (seed ${seed})`, () => {
  expect(mutations).toHaveLength(COUNT);
  expect(shown(each().filter(({ changed, reachedBy }) => reachedBy.some((name) => !changed.includes(name))))).toEqual([]);
});

it('changes no other', () => {
  // Code that runs at loading reaches others once its names mean something else.
  const plain = each().filter(({ file, what }) => !(file === 'rules.ts' && what.includes(': name ')));
  expect(plain.length).toBeGreaterThan(COUNT * 0.9);
  expect(shown(plain.filter(({ changed, reachedBy }) => changed.some((name) => !reachedBy.includes(name))))).toEqual([]);
});

it('leaves no step the same that then gives something else', () => {
  const ran = each().filter(({ differs }) => differs);
  expect(ran.length).toBeGreaterThan(COUNT / RUN_EACH / 2);
  expect(ran.filter(({ differs = [] }) => differs.length).length).toBeGreaterThan(10);
  const stale = ran.filter(({ differs = [], changed }) => differs.some((name) => !changed.includes(name)));
  expect(stale.map(({ what, differs, changed }) => `${what}: ${differs} differ, changed ${changed}`)).toEqual([]);
  expect(ran.filter(({ agrees }) => !agrees).map(({ what }) => what)).toEqual([]);
});
