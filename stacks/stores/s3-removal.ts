import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundObject, ListedObject } from './object-client.ts';
import { statusOf } from './s3-failures.ts';

/** What a note's version is, once written. */
export interface Marker {
  version: string;
}

/** What this needs of the store. */
interface Notes {
  head(key: string): Promise<FoundObject | undefined>;
  pages(keyPrefix: string): AsyncIterable<ListedObject>;
  writeNote(key: string, text: string, replaces?: string): Promise<Marker | undefined>;
  deleteOnce(key: string, signal?: AbortSignal): Promise<void>;
}

const POLL_MS = 100;
/** Whoever marked a blob for removal so long ago is dead: S3 refuses requests whose clock is further off than 15 minutes. */
const DEAD_AFTER_MS = 60 * 60 * 1000;

/**
 * How a blob is renewed and removed in S3, which deletes without conditions that would tell an old object from the same
 * bytes written again. A renewal is a note, `kept/ab/<hash>`: it costs the same for any size, where a copy onto itself would
 * not. Who removes marks the blob first (`removing/ab/<hash>`, one at a time), then looks whether it is still old. Who renews
 * writes the note first, then looks for a mark, then for the blob. S3 is strongly consistent, so either the remover sees the
 * note, or the renewer sees the mark and waits, or both find that the blob is gone. A blob that is uploaded under
 * If-None-Match needs no such look: while a remover works, the old one stands there or was deleted by it, once.
 */
export class S3Removal {
  private readonly store: Notes;
  private readonly limitMs: number;

  constructor(store: Notes, limitMs: number) {
    this.store = store;
    this.limitMs = limitMs;
  }

  /** @returns false if the blob is gone */
  async renew(key: string): Promise<boolean> {
    await this.store.writeNote(noteOf(key), randomUUID());
    await this.awaitRemoval(markOf(key));
    return (await this.store.head(key)) !== undefined;
  }

  /** @returns false if it was renewed, is gone, or another removes it */
  async remove(key: string, isOld: (modifiedAt: Date) => boolean): Promise<boolean> {
    const deadline = AbortSignal.timeout(this.limitMs);
    const mark = markOf(key);
    const mine = await this.mark(mark);
    if (!mine) return false;
    let answered = true;
    try {
      const [blob, note] = await Promise.all([this.store.head(key), this.store.head(noteOf(key))]);
      if (!blob || !isOld(blob.modifiedAt) || (note && !isOld(note.modifiedAt)) || deadline.aborted) return false;
      answered = false;
      await this.store.deleteOnce(key, deadline);
      answered = true;
      if (note) await this.store.deleteOnce(noteOf(key), deadline);
      return true;
    } catch (error) {
      answered ||= statusOf(error) !== undefined;
      throw error;
    } finally {
      // Without an answer the blob may still be about to go: the mark stays, and tells so.
      if (answered && !deadline.aborted) await this.store.deleteOnce(mark).catch(() => undefined);
    }
  }

  /** Blobs as young as their notes. Both come in the order of their hashes. */
  async *withNotes(blobs: AsyncIterable<ListedObject>): AsyncGenerator<ListedObject> {
    const notes = this.store.pages('kept/')[Symbol.asyncIterator]();
    const hashOf = ({ key }: ListedObject) => key.slice(key.lastIndexOf('/') + 1);
    let note = await notes.next();
    for await (const blob of blobs) {
      while (!note.done && hashOf(note.value) < hashOf(blob)) note = await notes.next();
      const kept = !note.done && hashOf(note.value) === hashOf(blob) ? note.value.modifiedAt : blob.modifiedAt;
      yield kept > blob.modifiedAt ? { ...blob, modifiedAt: kept } : blob;
    }
  }

  private async mark(mark: string): Promise<Marker | undefined> {
    const mine = await this.store.writeNote(mark, randomUUID(), '*');
    if (mine) return mine;
    const other = await this.store.head(mark);
    const isDead = other && Date.now() - other.modifiedAt.getTime() > DEAD_AFTER_MS;
    return isDead ? this.store.writeNote(mark, randomUUID(), other.version) : undefined;
  }

  /**
   * Waits until the removal that is under way is over. One that takes twice its limit is dead, and its mark is taken away: a
   * remover that is only slow sees its own limit and deletes nothing. A later mark is none to wait for: it looks after us.
   */
  private async awaitRemoval(mark: string): Promise<void> {
    const first = await this.store.head(mark);
    if (!first) return;
    const end = performance.now() + 2 * this.limitMs;
    while (performance.now() < end) {
      await sleep(POLL_MS);
      if ((await this.store.head(mark))?.version !== first.version) return;
    }
    if (await this.store.writeNote(mark, randomUUID(), first.version)) await this.store.deleteOnce(mark);
  }
}

const noteOf = (key: string): string => key.replace(/^[^/]+/, 'kept');
const markOf = (key: string): string => key.replace(/^[^/]+/, 'removing');
