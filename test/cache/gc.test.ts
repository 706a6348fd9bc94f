import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { saveDirectory } from '../../artifacts/directory.ts';
import { saveList } from '../../artifacts/list.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { collectGarbage } from '../../metadata/gc.ts';
import { closeRun, commitStep, type Database, dropEntries, openRun, startAttempt, writeCheckpoint } from '../../metadata/index.ts';
import type { Plan } from '../../pipelines/plan.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { localStore } from '../../stacks/local-store.ts';
import { makeProject, type TestProject } from '../support/project.ts';

// What others do just after the store has looked at a file, or moved one.
const after = vi.hoisted(() => ({ stat: (_path: string) => {}, rename: async (_to: string) => {} }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async stat(path: string) {
      const found = await real.stat(path);
      after.stat(path);
      return found;
    },
    async rename(from: string, to: string) {
      await real.rename(from, to);
      await after.rename(to);
    },
  };
});
afterEach(() => Object.assign(after, { stat() {}, async rename() {} }));

const HOUR = 60 * 60 * 1000;
const PLAN: Plan = { planVersion: 1, pipeline: 'p', version: '1', project: 'p', stack: 'local', context: {}, steps: [] };

let project: TestProject;
let db: Database;
let root: string;
let store: ArtifactStore;
beforeAll(async () => {
  project = await makeProject();
  ({ db } = await project.session());
  root = join(project.root, '.flowyml/artifacts');
  store = localStore(root);
});
afterAll(() => project.remove());

const pathOf = (sha256: string) => join(root, 'sha256', sha256.slice(0, 2), sha256);
const isThere = ({ sha256 }: { sha256: string }) => existsSync(pathOf(sha256));
function age(...refs: { sha256: string }[]) {
  const old = new Date(Date.now() - 2 * HOUR);
  for (const { sha256 } of refs) utimesSync(pathOf(sha256), old, old);
}
async function put(text: string): Promise<ArtifactRef> {
  return { type: 'bytes', ...(await store.put(Buffer.from(text))) };
}
const gc = (remove = true) => collectGarbage(db, store, { olderThanMs: HOUR, remove });

let count = 0;
async function run(): Promise<{ runId: string; executionId: string }> {
  const key = { runId: `r${count++}`, executionId: 'e' };
  await openRun(db, { ...key, plan: PLAN, planHash: 'h', request: {}, params: {}, module: 'p.ts', startedAt: new Date() });
  return key;
}
async function commit(
  key: { runId: string; executionId: string },
  step: string,
  outputs: Record<string, ArtifactRef>,
  inputs = {},
  entry = false,
) {
  const end = { status: 'succeeded' as const, attempts: 1, durationMs: 1, outputs };
  const kept = { key: `key ${step}`, parts: { code: 'c', inputs: {}, params: {} }, pipeline: 'p', holder: 'h' };
  await commitStep(db, { ...key, step, attempt: 1, end, inputs, ...(entry ? { entry: kept } : {}) });
}
const close = (key: { runId: string; executionId: string }) => closeRun(db, key, { status: 'succeeded', endedAt: new Date() });

describe('gc', () => {
  it('says first, then removes, what nothing refers to', async () => {
    const orphan = await put('orphan');
    const young = await put('young');
    age(orphan);
    expect(await gc(false)).toMatchObject({ garbage: [{ sha256: orphan.sha256, size: 6 }], bytes: 6, young: 1 });
    expect(isThere(orphan)).toBe(true);
    expect(await gc()).toMatchObject({ garbage: [{ sha256: orphan.sha256 }], bytes: 6 });
    expect([isThere(orphan), isThere(young)]).toEqual([false, true]);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  it('keeps what steps, checkpoints, entries, assets and lineage refer to, with what folders and lists are made of', async () => {
    const folder = join(project.root, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a'), 'in a folder');
    writeFileSync(join(folder, 'b'), 'in a folder too');
    const directory = await saveDirectory(folder, { store, workDir: project.root, output: 'd' });
    const ofFolder = readdirSync(folder).map((name) => ({ name }));
    const parts = [await put('["part one"]'), await put('["part two"]')].map((ref) => ({ ...ref, type: 'json', rows: 1 }));
    const list = await saveList(parts, { store, output: 'l' });
    const model = {
      ...(await put('a model')),
      type: 'model<bytes>',
      asset: { kind: 'model', name: 'm', properties: {}, tags: {}, parents: [] },
    };
    const [made, taken, checkpoint, onlyEntry, onlyLine] = [
      await put('made'),
      await put('taken'),
      await put('saved'),
      await put('entry'),
      await put('line'),
    ];
    const key = await run();
    await commit(key, 'makes', { made, directory, list, model }, { taken });
    await commit(key, 'keeps', { onlyEntry }, {}, true);
    await commit(key, 'lines', { onlyLine });
    await db.client`delete from flowyml.steps where step in ('keeps', 'lines')`;
    await db.client`delete from flowyml.lineage where step = 'keeps'`;
    await writeCheckpoint(db, { ...key, step: 'saves' }, checkpoint);
    await close(key);
    const files = ['in a folder', 'in a folder too'];
    const all = [made, taken, checkpoint, onlyEntry, onlyLine, directory, list, model, ...parts, ...(await Promise.all(files.map(put)))];
    expect(ofFolder).toHaveLength(2);
    age(...all);
    expect((await gc()).garbage).toEqual([]);
    expect(all.filter((ref) => !isThere(ref))).toEqual([]);

    // Of a list or folder of which lineage alone tells, all that it names stays.
    await db.client`delete from flowyml.steps`;
    expect((await gc()).garbage).toEqual([]);
    await dropEntries(db, ['key keeps']);
    expect((await gc()).garbage.map(({ sha256 }) => sha256)).toEqual([onlyEntry.sha256]);
    await db.client`delete from flowyml.lineage`;
    await db.client`delete from flowyml.checkpoints`;
    // The asset stays: it is known by its name.
    expect((await gc()).garbage).toHaveLength(all.length - 2);
    expect(isThere(model)).toBe(true);
  });

  it('keeps what a run that is at work has made, however old it is by the clock', async () => {
    const key = await run();
    await startAttempt(db, { ...key, step: 'works' }, 'w');
    await db.client`update flowyml.runs set started_at = now() - interval '3 hours' where run_id = ${key.runId}`;
    const uncommitted = await put('made, and not committed: the database is away');
    age(uncommitted);
    expect(await gc()).toMatchObject({ garbage: [] });
    await close(key);
    expect((await gc()).garbage.map(({ sha256 }) => sha256)).toEqual([uncommitted.sha256]);
  });

  it('says which folders cannot be read any more, and goes on', async () => {
    const folder = join(project.root, 'damaged');
    mkdirSync(folder);
    writeFileSync(join(folder, 'x'), 'x of a damaged folder');
    const directory = await saveDirectory(folder, { store, workDir: project.root, output: 'd' });
    const key = await run();
    await commit(key, 'breaks', { directory });
    await close(key);
    chmodSync(fileURLToPath(directory.uri ?? ''), 0o644);
    writeFileSync(fileURLToPath(directory.uri ?? ''), 'x'.repeat(directory.size));
    expect((await gc()).damaged).toEqual([directory.sha256]);
  });

  it('leaves a blob that is kept again between its last look and the removal', async () => {
    const blob = await put('kept again');
    age(blob);
    after.stat = (path) => {
      if (path === pathOf(blob.sha256)) utimesSync(path, new Date(), new Date());
    };
    expect(await store.removeOld?.(blob.sha256, new Date(Date.now() - HOUR))).toBe(false);
    expect(isThere(blob)).toBe(true);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  it('leaves a blob that is kept again while it is set aside', async () => {
    const blob = await put('kept meanwhile');
    age(blob);
    after.rename = async (to) => {
      if (to.includes('gc-')) await put('kept meanwhile');
    };
    expect(await store.removeOld?.(blob.sha256, new Date(Date.now() - HOUR))).toBe(true);
    expect(isThere(blob)).toBe(true);
  });

  it('loses nothing to puts and other gcs at the same moment', async () => {
    const before = () => new Date(Date.now() - HOUR);
    const blobs = await Promise.all(Array.from({ length: 40 }, (_, i) => put(`contended ${i}`)));
    const other = localStore(root);
    for (let round = 0; round < 5; round++) {
      age(...blobs);
      const puts = blobs.map((_, i) => (i % 2 ? store : other).put(Buffer.from(`contended ${i}`)));
      const removals = [store, other].flatMap((each) => blobs.map(({ sha256 }) => each.removeOld?.(sha256, before())));
      await Promise.all([...puts, ...removals]);
      expect(blobs.filter((blob) => !isThere(blob))).toEqual([]);
    }
    age(...blobs);
    const twice = await Promise.all([gc(), gc()]);
    const removed = twice
      .flatMap(({ garbage }) => garbage.map(({ sha256 }) => sha256))
      .filter((sha) => blobs.some((blob) => blob.sha256 === sha));
    expect(removed).toHaveLength(40);
    expect(new Set(removed).size).toBe(40);
    expect(blobs.filter(isThere)).toEqual([]);
  });

  it('puts back what a gc that died had set aside', async () => {
    const blob = await put('set aside');
    renameSync(pathOf(blob.sha256), join(root, 'tmp', `gc-${blob.sha256}-x`));
    expect(await store.has(blob)).toBe(false);
    expect((await gc(false)).blobs).toBeGreaterThan(0);
    expect(await store.has(blob)).toBe(true);
  });
});
