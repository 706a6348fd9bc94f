import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Explanation, explain, formatExplanation } from '../../cli/commands/cache-explanation.ts';
import { findDownstream, findRemovable } from '../../metadata/cache-admin.ts';
import { dropEntries, findRun } from '../../metadata/index.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import { localStore } from '../../stacks/local-store.ts';
import { projectStore } from '../../stacks/project.ts';
import { type CommandResult, makeProject, type RunningCommand, type TestProject } from '../support/project.ts';

const PIPELINES = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { bytes, directory, model, pipeline, step, table } from 'flowyml';
import { z } from 'zod';

const n = z.number();
const list = z.array(n);

const items = step({ name: 'items', params: { count: n.default(3) }, outputs: { items: list } }, ({ count }) => Array.from({ length: count }, (_, i) => i + 1));
// Keeps nothing itself, and does not hide where what comes after it is from.
const passed = step({ name: 'passed', cache: false, inputs: { items: list }, outputs: { passed: list } }, ({ items }) => items.map((i) => i * 2));
const total = step({ name: 'total', inputs: { passed: list }, outputs: { total: n } }, ({ passed }) => passed.reduce((a, b) => a + b, 0));
const apart = step({ name: 'apart', outputs: { apart: n } }, () => 12);
const since = step({ name: 'since', inputs: { apart: n }, outputs: { since: n } }, ({ apart }) => apart + 1);
export const sums = pipeline('sums', { steps: [items, passed, total, apart, since] });

export const mixed = pipeline('mixed', { steps: [
  step({ name: 'brief', cache: { ttl: 200 }, outputs: { b: n } }, () => 1),
  step({ name: 'decided', params: { go: z.boolean().default(false) }, outputs: { d: n }, when: (_, { go }) => go }, () => 1),
  step({ name: 'falls', outputs: { f: n }, onFailure: () => -1 }, () => { throw new Error('no'); }),
] });
export const fails = pipeline('fails', { steps: [step({ name: 'breaks' }, () => { throw new Error('no'); })] });

export const files = pipeline('files', { steps: [
  step({ name: 'big', params: { seed: n.default(0) }, outputs: { big: list } }, ({ seed }) => Array.from({ length: 4000 }, (_, i) => i + seed)),
  step({ name: 'raw', outputs: { raw: bytes() } }, () => Buffer.from('raw bytes')),
  step({ name: 'rows', outputs: { rows: table() } }, () => [{ a: 1 }, { a: 2 }]),
  step({ name: 'folder', outputs: { folder: directory() } }, () => { mkdirSync('out/inner', { recursive: true }); writeFileSync('out/inner/a.txt', 'a'); return 'out'; }),
  step({ name: 'fit', inputs: { raw: bytes() }, outputs: { fit: model(bytes(), { name: 'fitted', version: 'v1' }) } }, () => ({ data: Buffer.from('weights') })),
] });
`;

let project: TestProject;
let worker: RunningCommand;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  worker = project.start('worker', 'p.ts', '--concurrency', '3');
  await worker.until(/serves/);
});
afterAll(() => project.remove());

async function run(
  pipeline: string,
  id: string,
  params: Record<string, unknown> = {},
  request: Record<string, unknown> = {},
): Promise<RunResult> {
  const { temporal } = await project.session();
  const handle = await temporal.client.workflow.start(pipeline, {
    workflowId: id,
    taskQueue: project.name,
    args: [{ params, ...request }],
  });
  return handle.result();
}

async function why(runId: string, step: string): Promise<Explanation> {
  const { db, project: found } = await project.session();
  const row = await findRun(db, runId);
  if (!row) throw new Error(`no run ${runId}`);
  return explain({ db, store: projectStore(found), root: found.root, run: row, step });
}

const json = ({ stdout }: CommandResult) => JSON.parse(stdout);
const refused = (result: CommandResult, message: RegExp) => {
  expect(result.stderr).toMatch(message);
  expect(result).toMatchObject({ code: 2, stdout: '' });
};
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const artifactFolder = () => join(project.root, '.flowyml/artifacts');

describe('cache explain', () => {
  it('says of a hit who made the result, and of a miss which parts of the key are others', async () => {
    await run('sums', 's1', { count: 2 });
    expect(await why('s1', 'items')).toMatchObject({ outcome: 'miss', reason: expect.stringMatching(/^first time/) });
    await run('sums', 's2', { count: 2 });
    expect(await why('s2', 'total')).toMatchObject({ status: 'cached', outcome: 'hit', madeBy: { runId: 's1' } });
    await run('sums', 's3', { count: 4 });
    const items = await why('s3', 'items');
    expect(items).toMatchObject({ outcome: 'miss', comparedWith: { runId: 's1' } });
    expect(items.differences).toEqual([{ part: 'param', name: 'count', before: 2, now: 4 }]);
    const total = await why('s3', 'total');
    expect(total.differences).toEqual([
      { part: 'input', name: 'passed', from: "step 'passed'", before: expect.any(String), now: expect.any(String) },
    ]);
    expect(formatExplanation(total)).toMatch(/input 'passed' \(from step 'passed'\): [0-9a-f]{12} → [0-9a-f]{12}/);
    expect(await why('s3', 'passed')).toMatchObject({ outcome: 'not asked', reason: expect.stringContaining('cache: false') });
    expect(await why('s3', 'since')).toMatchObject({ outcome: 'hit', madeBy: { runId: 's1' } });
    // Defaults count: saying one is the same as leaving it out.
    await run('sums', 's4', { count: 3 });
    await run('sums', 's5');
    expect(await why('s5', 'items')).toMatchObject({ outcome: 'hit', madeBy: { runId: 's4' } });
  });

  it('says which declarations of the code have changed', async () => {
    const [helper, main] = [join(project.root, 'helper.ts'), join(project.root, 'q.ts')];
    const write = (factor: string, offset: string) => writeFileSync(helper, `export const factor = ${factor};\n${offset}\n`);
    writeFileSync(
      main,
      `import { pipeline, step } from 'flowyml';
import { z } from 'zod';
import * as helper from './helper.ts';
const scale = (x: number) => x * helper.factor;
export const scaling = pipeline('scaling', { steps: [step({ name: 'scaled', outputs: { scaled: z.number() } }, () => scale(2))] });
`,
    );
    write('2', '// nothing');
    expect((await project.flowyml('run', 'q.ts', '--id', 'q1')).code).toBe(0);
    write('3', 'export const unused = 1;');
    expect((await project.flowyml('run', 'q.ts', '--id', 'q2')).code).toBe(0);
    const explained = await why('q2', 'scaled');
    expect(explained).toMatchObject({ outcome: 'miss', comparedWith: { runId: 'q1' } });
    expect(explained.differences).toMatchObject([{ part: 'code', details: ['changed: helper.ts:factor'] }]);
    expect(formatExplanation(explained)).toMatch(/code: .*\n +changed: helper\.ts:factor/);
  });

  it('says what the run was told', async () => {
    await run('sums', 'off', { count: 2 }, { cache: false });
    await run('sums', 'refresh', { count: 2 }, { cache: 'refresh' });
    await run('sums', 'again', { count: 2 }, { recompute: ['items'] });
    expect((await why('off', 'items')).reason).toMatch(/--no-cache/);
    expect((await why('refresh', 'items')).reason).toMatch(/--refresh/);
    expect((await why('again', 'items')).reason).toMatch(/--recompute items/);
    expect(await why('again', 'total')).toMatchObject({ outcome: 'hit', madeBy: { runId: 'refresh' } });
    // The entry is a later run's now; the hit was another's.
    expect(await why('s2', 'items')).toMatchObject({ outcome: 'hit', madeBy: { runId: 's1' } });
  });

  it('says what became of a result that was there', async () => {
    await run('mixed', 'm1');
    await wait(300);
    await run('mixed', 'm2', { go: true });
    expect(await why('m2', 'brief')).toMatchObject({ outcome: 'miss', reason: expect.stringMatching(/expired: run m1/) });
    expect((await why('m1', 'decided')).reason).toMatch(/condition was not met/);
    expect((await why('m2', 'decided')).reason).toMatch(/first time/);
    expect((await why('m2', 'falls')).reason).toMatch(/fallback are never kept/);
    await run('fails', 'f1').catch(() => {});
    expect((await why('f1', 'breaks')).reason).toMatch(/it failed/);

    const { db } = await project.session();
    await dropEntries(
      db,
      (await findRemovable(db, { step: 'since' })).map(({ key }) => key),
    );
    await run('sums', 's6', { count: 2 });
    expect((await why('s6', 'since')).reason).toMatch(/had been removed \(cache invalidate or clear\)/);

    const first = await run('files', 'file1');
    rmSync(new URL(first.steps.rows?.outputs.rows?.uri ?? ''));
    await run('files', 'file2');
    expect((await why('file2', 'rows')).reason).toMatch(/artifact was gone/);
    await expect(why('s6', 'itens')).rejects.toThrow(/no step 'itens'; did you mean 'items'/);
  });

  it('sees code that changed', async () => {
    const { db } = await project.session();
    const row = await findRun(db, 's4');
    await db.client`
      insert into flowyml.plans (hash, plan) select 'changed', jsonb_set(plan, '{steps,0,codeIdentity}', '"other"') from flowyml.plans
      where hash = ${row?.planHash ?? ''}`;
    await db.client`update flowyml.runs set plan_hash = 'changed' where run_id = 's4'`;
    await db.client`update flowyml.cache set run_id = 'nobody' where run_id = 's4' and step = 'items'`;
    const { differences } = await why('s4', 'items');
    expect(differences?.map(({ part }) => part)).toContain('code');
  });
});

describe('cache', () => {
  it('invalidates what came of an entry too, and nothing beside', async () => {
    const { db } = await project.session();
    await run('sums', 'd1', { count: 30 });
    const [given] = (await findRemovable(db, { step: 'items' })).filter(({ runId }) => runId === 'd1');
    const further = await findDownstream(db, given ? [given] : []);
    // Past the step that keeps nothing, and not what other lists came to.
    expect(further.map(({ step, runId }) => `${runId}/${step}`)).toEqual(['d1/total']);
    const sha = Object.values(given?.outputs ?? {})[0]?.sha256 ?? '';
    const [asked, unknown] = await Promise.all([
      project.flowyml('cache', 'invalidate', '--artifact', sha.slice(0, 10), '--downstream'),
      project.flowyml('cache', 'invalidate', '--pipeline', 'sumz', '--yes'),
    ]);
    expect(asked).toMatchObject({ code: 2, stdout: expect.stringContaining('2 entries (1 of them downstream): items, total') });
    expect(asked.stderr).toMatch(/nothing was removed.*--yes/);
    refused(unknown, /did you mean 'sums'/);
    const done = await project.flowyml('cache', 'invalidate', '--artifact', sha.slice(0, 10), '--downstream', '--yes', '--json');
    expect(json(done)).toMatchObject({ removed: 2, downstream: 1 });
    const again = await run('sums', 'd2', { count: 30 });
    expect([again.steps.items?.status, again.steps.total?.status, again.steps.since?.status]).toEqual(['succeeded', 'succeeded', 'cached']);
  });

  it('lists, counts and explains on the command line, and is cleared', async () => {
    const [listed, table, stats, explained, unknown] = await Promise.all([
      project.flowyml('cache', 'list', '--step', 'apart', '--json'),
      project.flowyml('cache', 'list', '--pipeline', 'files', '--limit', '3'),
      project.flowyml('cache', 'stats', '--json'),
      project.flowyml('cache', 'explain', 'd2', 'apart'),
      project.flowyml('cache', 'explain', 'd3', 'apart'),
    ]);
    expect(json(listed)).toMatchObject([{ step: 'apart', pipeline: 'sums', size: 2, key: expect.any(String), runId: expect.any(String) }]);
    const [head, ...rows] = table.stdout.trim().split('\n');
    expect(head).toMatch(/STEP +PIPELINE +KEY +SIZE +HITS +MADE +EXPIRES +RUN/);
    expect(rows).toHaveLength(3);
    const { steps, ...numbers } = json(stats);
    expect(steps.find(({ step }: { step: string }) => step === 'apart')).toMatchObject({
      entries: 1,
      hits: json(listed)[0].hits,
      misses: 1,
    });
    expect(numbers.hits).toBeGreaterThan(5);
    expect(numbers.bytes).toBeGreaterThan(10_000);
    expect(explained.stdout).toMatch(/^Step 'apart' of run d2: cached, a hit\n {2}run \S+ made the same result/);
    refused(unknown, /no run 'd3'; did you mean 'd/);
  });
});

describe('artifact', () => {
  it('is listed, and shown with who made and took it', async () => {
    const [listed, shown, unknown] = await Promise.all([
      project.flowyml('artifact', 'list', '--run', 'file1', '--json'),
      project.flowyml('artifact', 'show', 'file1/raw/raw', '--json'),
      project.flowyml('artifact', 'show', 'file1/raw/rav'),
    ]);
    expect(
      json(listed)
        .map(({ type }: { type: string }) => type)
        .sort(),
    ).toEqual(['bytes', 'directory', 'json', 'model<bytes>', 'table']);
    expect(json(shown)).toMatchObject({
      type: 'bytes',
      size: 9,
      whole: true,
      madeBy: expect.arrayContaining([expect.objectContaining({ runId: 'file1', step: 'raw', output: 'raw' })]),
      takenBy: expect.arrayContaining([expect.objectContaining({ runId: 'file1', step: 'fit', input: 'raw' })]),
    });
    refused(unknown, /gave no 'rav'; did you mean 'raw'/);
  });

  it('is given as JSON, bytes, an Arrow stream, a file or a folder', async () => {
    const there = project.write('there.bin', 'mine');
    const [printed, streamed, table, folder, refusal] = await Promise.all([
      project.flowyml('artifact', 'get', 's3/items/items'),
      project.flowyml('artifact', 'get', 'file1/fit/fit'),
      project.flowyml('artifact', 'get', 'file2/rows/rows', '-o', 'rows.arrow'),
      project.flowyml('artifact', 'get', 'file1/folder/folder', '-o', 'copy'),
      project.flowyml('artifact', 'get', 'file1/raw/raw', '-o', 'there.bin'),
    ]);
    expect(printed.stdout).toBe('[\n  1,\n  2,\n  3,\n  4\n]\n');
    expect(streamed).toMatchObject({ code: 0, stdout: 'weights' });
    expect([table.code, folder.code]).toEqual([0, 0]);
    const { tableFromIPC } = await import('apache-arrow');
    expect(tableFromIPC(readFileSync(join(project.root, 'rows.arrow'))).numRows).toBe(2);
    expect(readFileSync(join(project.root, 'copy/inner/a.txt'), 'utf8')).toBe('a');
    refused(refusal, /exists already; --force/);
    expect(readFileSync(there, 'utf8')).toBe('mine');
    expect(readdirSync(project.root).filter((name) => /^\..+-/.test(name))).toEqual([]);
    expect((await project.flowyml('artifact', 'get', 'file1/raw/raw', '-o', 'there.bin', '--force')).code).toBe(0);
    expect(readFileSync(there, 'utf8')).toBe('raw bytes');
  });

  it('that was changed in the store is said to be, and not handed out', async () => {
    const { steps } = await run('files', 'file3', { seed: 5 });
    const ref = steps.big?.outputs.big;
    const path = fileURLToPath(ref?.uri ?? '');
    chmodSync(path, 0o644);
    writeFileSync(path, 'x'.repeat(statSync(path).size));
    const [shown, got] = await Promise.all([
      project.flowyml('artifact', 'show', ref?.sha256.slice(0, 16) ?? ''),
      project.flowyml('artifact', 'get', 'file3/big/big', '-o', 'big.json'),
    ]);
    for (const result of [shown, got]) {
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/was changed in the store/);
    }
    expect(shown.stdout).toMatch(/made by\n +file3\/big\/big/);
    expect(existsSync(join(project.root, 'big.json'))).toBe(false);
  });

  it('that nothing refers to is removed by gc, once told so', async () => {
    const blob = await localStore(artifactFolder()).put(Buffer.from('nobody refers to this'));
    const kept = await localStore(artifactFolder()).put(Buffer.from('raw bytes'));
    const old = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);
    for (const name of readdirSync(join(artifactFolder(), 'sha256'), { recursive: true }))
      if (String(name).length > 60) utimesSync(join(artifactFolder(), 'sha256', String(name)), old, old);
    const [dry, cleared] = await Promise.all([project.flowyml('artifact', 'gc'), project.flowyml('cache', 'clear', '--yes', '--json')]);
    expect(dry.stdout).toMatch(/Would remove 1 of \d+ blobs \(21 bytes\).*--yes does it/s);
    expect(json(cleared).removed).toBeGreaterThan(5);
    const done = json(await project.flowyml('artifact', 'gc', '--older-than', '2d', '--yes', '--json'));
    expect(done).toMatchObject({ removed: true, count: 1, bytes: 21, artifacts: [{ sha256: blob.sha256 }] });
    // What runs made is still there, though no entry gives it.
    expect(await localStore(artifactFolder()).has(kept)).toBe(true);
  });
});
