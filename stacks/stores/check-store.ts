import { randomBytes } from 'node:crypto';
import { collect } from '../../artifacts/chunks.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { FlowymlError } from '../../pipelines/errors.ts';
import { ObjectStore } from './object-store.ts';
import { failureOf } from './store-failure.ts';

export interface StoreCheck {
  ok: boolean;
  /** What is wrong, naming the store. */
  problem?: string;
  /** What to do, with the command where there is one. */
  remedy?: string;
}

const AN_HOUR_MS = 60 * 60 * 1000;

/**
 * Really asks a store: writes a small blob of random bytes, reads it, lists, and removes it. Leaves nothing where it may
 * delete. A store that passes can serve runs.
 */
export async function checkStore(store: ArtifactStore): Promise<StoreCheck> {
  const probe = randomBytes(32);
  try {
    const blob = await store.put(probe);
    if (!Buffer.from(await collect(store.open(blob), blob.size)).equals(probe)) return broken('gave back other bytes than were written');
    if (!(await store.has(blob))) return broken('does not find what was just written');
    if (store.list) for await (const _ of store.list()) break;
    if (store.removeOld) {
      await store.removeOld(blob.sha256, new Date(Date.now() + AN_HOUR_MS));
      if (await store.has(blob)) return broken('did not delete what it was told to');
    }
    if (store instanceof ObjectStore && !(await store.obeysConditions(probe))) {
      return {
        ok: false,
        problem: 'the server ignores conditions (If-None-Match): two writers could overwrite each other',
        remedy: 'use a server that obeys them: Amazon S3, Cloudflare R2, MinIO, Ceph from 19',
      };
    }
    return { ok: true };
  } catch (error) {
    const failure = failureOf(error);
    if (failure) return { ok: false, problem: messageWithout(error as Error, failure.remedy), remedy: failure.remedy };
    if (error instanceof FlowymlError) return { ok: false, problem: error.message };
    throw error;
  }
}

const broken = (what: string): StoreCheck => ({ ok: false, problem: `the store ${what}`, remedy: 'it cannot be used for artifacts' });

const messageWithout = ({ message }: Error, remedy: string): string =>
  message.endsWith(`; ${remedy}`) ? message.slice(0, -remedy.length - 2) : message;
