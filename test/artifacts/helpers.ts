import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadInput, saveOutput } from '../../artifacts/materialize.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import type { OutputType } from '../../pipelines/artifact-types.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { localStore } from '../../stacks/local-store.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed after the tests of the file. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowyml-artifacts-'));
  made.push(folder);
  return folder;
}

export interface Bench {
  root: string;
  store: ArtifactStore;
  workDir: string;
  save(type: OutputType, value: unknown, output?: string): Promise<ArtifactRef>;
  load(type: OutputType, ref: ArtifactRef, input?: string): Promise<unknown>;
  roundTrip(type: OutputType, value: unknown): Promise<unknown>;
}

/** A store and a working folder, and what saves to and loads from them. */
export function bench(): Bench {
  const root = tempFolder();
  const store = localStore(root);
  const workDir = tempFolder();
  const save: Bench['save'] = (type, value, output = 'out') => saveOutput(type, value, { store, workDir, output });
  // Through JSON, as a reference travels.
  const load: Bench['load'] = (type, ref, input = 'in') => loadInput(type, JSON.parse(JSON.stringify(ref)), { store, workDir, input });
  return { root, store, workDir, save, load, roundTrip: async (type, value) => load(type, await save(type, value)) };
}

export const blobPath = (root: string, sha256: string): string => join(root, 'sha256', sha256.slice(0, 2), sha256);

export async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A small generator of numbers in [0, 1), so that a failing test can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
