import { createReadStream } from 'node:fs';
import type { ArtifactStore, BlobId, ListedBlob, StoredBlob } from '../../artifacts/store.ts';
import { ArtifactCorrupt } from '../../pipelines/errors.ts';
import { copyBlob } from './copy.ts';

/** Opens a store, once. */
export type Opened = () => Promise<ArtifactStore>;

/** A store of another stack, and how the addresses of what lies in it begin. */
export interface OtherStore {
  open: Opened;
  location: string | undefined;
}

// How long a store that could not be asked is left alone.
const AWAY_MS = 30_000;

/**
 * A stack's own store, which also knows what lies in those of other stacks: what is read from it and lies elsewhere is
 * copied into it first. It has what any of them has. It writes, lists and removes in its own alone.
 */
export function readThrough(own: Opened, others: readonly OtherStore[]): ArtifactStore {
  return new ReadThrough(
    own,
    others.map((each) => ({ ...each, awayUntil: 0 })),
  );
}

type Other = OtherStore & { awayUntil: number; reason?: string };

class ReadThrough implements ArtifactStore {
  private readonly own: Opened;
  private readonly others: Other[];

  constructor(own: Opened, others: Other[]) {
    this.own = own;
    this.others = others;
  }

  async put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredBlob> {
    return (await this.own()).put(source);
  }

  async putFile(path: string): Promise<StoredBlob> {
    const own = await this.own();
    return own.putFile ? own.putFile(path) : own.put(createReadStream(path));
  }

  async has(blob: BlobId): Promise<boolean> {
    return (await (await this.own()).has(blob)) || (await this.elsewhere(blob)) !== undefined;
  }

  async *open(blob: BlobId): AsyncGenerator<Uint8Array> {
    yield* (await this.fetched(blob)).open(blob);
  }

  async copyTo(blob: BlobId, path: string): Promise<void> {
    const own = await this.fetched(blob);
    if (own.copyTo) return own.copyTo(blob, path);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, own.open(blob));
  }

  async *list(): AsyncGenerator<ListedBlob> {
    const own = await this.own();
    if (own.list) yield* own.list();
  }

  async removeOld(sha256: string, before: Date): Promise<boolean> {
    return (await (await this.own()).removeOld?.(sha256, before)) ?? false;
  }

  /** The stack's own store, once the blob lies in it. */
  private async fetched(blob: BlobId): Promise<ArtifactStore> {
    const own = await this.own();
    if (await own.has(blob)) return own;
    const other = await this.elsewhere(blob);
    if (other) await copyBlob(blob, other, own);
    const asked = this.others.flatMap(({ reason }) => reason ?? []);
    if (!other && asked.length)
      throw new ArtifactCorrupt(`artifact ${blob.sha256} is missing from its store; others could not be asked: ${asked.join('; ')}`);
    return own;
  }

  private async elsewhere(blob: BlobId): Promise<ArtifactStore | undefined> {
    // Where it is said to be is asked first: others may be slow to say no.
    const isThere = ({ location }: Other) => location !== undefined && blob.uri?.startsWith(location) === true;
    for (const each of [...this.others].sort((a, b) => Number(isThere(b)) - Number(isThere(a)))) {
      if (each.awayUntil > Date.now()) continue;
      try {
        const store = await each.open();
        if (await store.has(blob)) return store;
        delete each.reason;
      } catch (error) {
        // A store of another stack that cannot be used here must not stop what does not need it.
        each.awayUntil = Date.now() + AWAY_MS;
        each.reason = (error as Error).message;
      }
    }
    return undefined;
  }
}
