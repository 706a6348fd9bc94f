import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASE, STEPS } from './steps/base-project.ts';
import { applied, type Case, MUST_DIFFER, MUST_STAY, NAMES, ROUNDABOUT, SETTING_UP, STYLES } from './steps/cases.ts';
import { type Computed, compute, writeFiles } from './steps/compute.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-cases-')));
afterAll(() => rmSync(folder, { recursive: true }));

const TABLE = [...MUST_DIFFER, ...SETTING_UP, ...MUST_STAY, ...STYLES, ...ROUNDABOUT, ...NAMES];
const results = new Map<string, Computed>();

beforeAll(async () => {
  const projects = new Map<string, Record<string, string>>([['base', { ...BASE }]]);
  for (const [index, { change, given }] of TABLE.entries()) {
    const before = given ? applied(BASE, given) : BASE;
    if (given) projects.set(`before ${index}`, { ...before });
    projects.set(`after ${index}`, applied(before, change));
  }
  const requests = [...projects].map(([name, files]) => {
    const root = writeFiles(join(folder, name.replace(' ', '-')), files);
    return { root, module: join(root, 'pipelines/main.ts') };
  });
  const computed = await compute(requests);
  for (const [index, name] of [...projects.keys()].entries()) results.set(name, computed[index] as Computed);
});

/** The steps whose identity is not the same, those that come or go included. */
function difference(before: Computed, after: Computed): string[] {
  const names = [...new Set([...Object.keys(before.steps), ...Object.keys(after.steps)])];
  return names.filter((name) => before.steps[name]?.hash !== after.steps[name]?.hash);
}

function check(each: Case): void {
  const index = TABLE.indexOf(each);
  const before = results.get(each.given ? `before ${index}` : 'base') as Computed;
  const after = results.get(`after ${index}`) as Computed;
  expect(before.error ?? after.error).toBeUndefined();
  expect(difference(before, after).sort()).toEqual([...each.differs].sort());
}
const table = (cases: readonly Case[]) => cases.map((each) => [each.what, each] as const);

it('finds the code of every step and hook', () => {
  const { steps, error } = results.get('base') as Computed;
  expect(error).toBeUndefined();
  expect(Object.keys(steps).sort()).toEqual([...STEPS].sort());
  expect(Object.values(steps).flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'module'))).toEqual([]);
});

describe.each([
  ['another identity for the steps that reach', MUST_DIFFER],
  ['what prepares code as it is loaded', SETTING_UP],
  ['the same identity for all but', MUST_STAY],
  ['other ways of writing steps', STYLES],
  ['what prepares code in roundabout ways', ROUNDABOUT],
  ['names', NAMES],
])('%s', (_what, cases) => {
  it.each(table(cases))('%s', (_name, each) => {
    check(each);
  });
});
