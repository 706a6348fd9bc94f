import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, copyFile, type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHUNK_SIZE, copyHashed, writeHashed } from '../artifacts/chunks.ts';
import { sha256OfBytes } from '../artifacts/hash.ts';
import type { ArtifactStore, BlobId, ListedBlob, StoredBlob } from '../artifacts/store.ts';
import { ArtifactCorrupt, ServiceUnavailable } from '../pipelines/errors.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHA256 = /^[0-9a-f]{64}$/;
/** A blob that was set aside to be removed. */
const ASIDE = /^gc-([0-9a-f]{64})-/;

/**
 * An artifact store in a local folder: `<root>/sha256/ab/<hash>`, read-only files. A blob is written to `<root>/tmp`,
 * synced and renamed, so a crash leaves nothing but a temporary file (see `removeStaleTemp`), and any number of
 * processes may write at once. Nothing is made before the first write.
 */
export function localStore(root: string): ArtifactStore {
  return new LocalStore(resolve(root));
}

/**
 * Removes what crashes left in the store's `tmp` folder.
 * @param olderThanMs leaves younger files alone, which somebody may be writing. Default: a day.
 * @returns how many were removed
 */
export async function removeStaleTemp(root: string, olderThanMs = DAY_MS): Promise<number> {
  const folder = join(resolve(root), 'tmp');
  let removed = 0;
  for (const name of await readdir(folder).catch(ifMissing<string[]>([]))) {
    const path = join(folder, name);
    const found = await stat(path).catch(ifMissing<Stats | undefined>(undefined));
    if (!found || Date.now() - found.mtimeMs < olderThanMs) continue;
    await rm(path, { force: true });
    removed++;
  }
  return removed;
}

class LocalStore implements ArtifactStore {
  private readonly root: string;
  private canClone = true;

  constructor(root: string) {
    this.root = root;
  }

  async put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredBlob> {
    if (!(source instanceof Uint8Array)) return this.write((file) => writeHashed(source, file));
    const blob = { sha256: sha256OfBytes(source), size: source.length };
    if ((await this.isIntact(blob)) && (await this.touch(blob))) return this.stored(blob);
    return this.write(async (file) => {
      await file.writeFile(source);
      return blob;
    });
  }

  async putFile(path: string): Promise<StoredBlob> {
    const source = await open(path, 'r');
    try {
      return (await this.clone(path)) ?? (await this.write((file) => copyHashed(source, file)));
    } finally {
      await source.close();
    }
  }

  async *open(blob: BlobId): AsyncGenerator<Uint8Array> {
    const file = await this.openBlob(blob);
    const hash = createHash('sha256');
    let left = blob.size;
    const readNext = () => file.read(Buffer.allocUnsafeSlow(Math.min(CHUNK_SIZE, left))).catch(this.failed('read'));
    let reading = left > 0 ? readNext() : undefined;
    try {
      while (reading) {
        const { bytesRead, buffer } = await reading;
        if (!bytesRead) throw new ArtifactCorrupt(`artifact ${blob.sha256} was cut short in the store in ${this.root}`);
        left -= bytesRead;
        // The next chunk is read while this one is hashed and used.
        reading = left > 0 ? readNext() : undefined;
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        if (!reading) this.check(blob, hash.digest('hex'));
        yield chunk;
      }
      if (!blob.size) this.check(blob, hash.digest('hex'));
    } finally {
      await reading?.catch(() => undefined);
      await file.close();
    }
  }

  async has(blob: BlobId): Promise<boolean> {
    const found = await stat(this.pathOf(blob)).catch(ifMissing<Stats | undefined>(undefined)).catch(this.failed('read'));
    return found?.size === blob.size;
  }

  async renew(blob: BlobId): Promise<boolean> {
    // In this order: what was made young is there to stay.
    return (await this.touch(blob)) && this.has(blob);
  }

  async copyTo(blob: BlobId, path: string): Promise<void> {
    const file = await this.openBlob(blob);
    try {
      const copied = (await this.cloneTo(blob, path)) ?? (await this.copyBlob(file, path));
      this.check(blob, copied.sha256);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  async *list(): AsyncGenerator<ListedBlob> {
    await this.putBack();
    const root = join(this.root, 'sha256');
    const names = (folder: string) => readdir(folder).catch(ifMissing<string[]>([])).catch(this.failed('read'));
    for (const prefix of await names(root)) {
      // Something else may lie about in it, a file too.
      if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
      for (const sha256 of await names(join(root, prefix))) {
        if (!SHA256.test(sha256)) continue;
        const found = await stat(join(root, prefix, sha256))
          .catch(ifMissing<Stats | undefined>(undefined))
          .catch(this.failed('read'));
        if (found?.isFile()) yield { sha256, size: found.size, modifiedAt: found.mtime };
      }
    }
  }

  async removeOld(sha256: string, before: Date): Promise<boolean> {
    const path = this.pathOf({ sha256 });
    const gone = ifMissing<undefined>(undefined);
    const found = await stat(path).catch(gone).catch(this.failed('read'));
    if (!found || found.mtimeMs >= before.getTime()) return false;
    // A put that finds the blob makes it young: had it done so between that look and an unlink, its bytes were lost. Set
    // aside, the blob is out of the reach of later puts, and shows what an earlier one did.
    const aside = join(this.root, 'tmp', `gc-${sha256}-${randomUUID()}`);
    await mkdir(dirname(aside), { recursive: true }).catch(this.failed('write to'));
    const moved = await rename(path, aside)
      .then(() => true, ifMissing(false))
      .catch(this.failed('write to'));
    if (!moved) return false;
    const now = await stat(aside).catch(gone).catch(this.failed('read'));
    if (now && now.mtimeMs >= before.getTime()) await rename(aside, path).catch(ifMissing(undefined)).catch(this.failed('write to'));
    if (!now || now.mtimeMs >= before.getTime()) return false;
    return unlink(aside)
      .then(() => true, ifMissing(false))
      .catch(this.failed('write to'));
  }

  /** A process that died while it removed blobs may have left one aside that had become young. */
  private async putBack(): Promise<void> {
    const folder = join(this.root, 'tmp');
    for (const name of await readdir(folder).catch(ifMissing<string[]>([])).catch(this.failed('read'))) {
      const sha256 = ASIDE.exec(name)?.[1];
      if (sha256) await rename(join(folder, name), this.pathOf({ sha256 })).catch(ifMissing(undefined)).catch(this.failed('write to'));
    }
  }

  private pathOf({ sha256 }: Pick<BlobId, 'sha256'>): string {
    // Hashes come from references, which come from outside: none may lead out of the folder.
    if (!SHA256.test(sha256)) throw new ArtifactCorrupt(`'${sha256}' is not a SHA-256 hash in hex`);
    return join(this.root, 'sha256', sha256.slice(0, 2), sha256);
  }

  private stored(blob: BlobId): StoredBlob {
    return { sha256: blob.sha256, size: blob.size, uri: pathToFileURL(this.pathOf(blob)).href };
  }

  private async openBlob(blob: BlobId): Promise<FileHandle> {
    const missing = ifMissing<FileHandle | undefined>(undefined);
    const file = await open(this.pathOf(blob), 'r').catch(missing).catch(this.failed('read'));
    if (!file) throw new ArtifactCorrupt(`artifact ${blob.sha256} is missing from the store in ${this.root}`);
    const { size } = await file.stat();
    if (size === blob.size) return file;
    await file.close();
    throw new ArtifactCorrupt(`artifact ${blob.sha256} has ${size} bytes instead of ${blob.size} in the store in ${this.root}`);
  }

  private check(blob: BlobId, sha256: string): void {
    if (sha256 === blob.sha256) return;
    throw new ArtifactCorrupt(`artifact ${blob.sha256} was changed in the store in ${this.root}: its bytes have the hash ${sha256}`);
  }

  /** Whether the blob is there and undamaged. Where it cannot be read it is written again, and that says what is wrong. */
  private async isIntact(blob: BlobId): Promise<boolean> {
    const file = await this.openBlob(blob).catch(() => undefined);
    if (!file) return false;
    try {
      return (await copyHashed(file)).sha256 === blob.sha256;
    } catch {
      return false;
    } finally {
      await file.close();
    }
  }

  /** Makes the blob as young as if it were written now: what looks for old files to delete must not take it. */
  private async touch(blob: BlobId): Promise<boolean> {
    const now = new Date();
    // Not allowed where another user wrote it; it is then written again.
    return utimes(this.pathOf(blob), now, now).then(
      () => true,
      () => false,
    );
  }

  /** Writes to a temporary file and gives it its final name, replacing a blob that is there: that one may be damaged. */
  private async write(fill: (file: FileHandle) => Promise<BlobId>): Promise<StoredBlob> {
    const temp = await this.newTemp();
    try {
      const file = await open(temp, 'wx', 0o444).catch(this.failed('write to'));
      let blob: BlobId;
      try {
        blob = await fill(file).catch(this.failed('write to', 'write'));
        await file.sync().catch(this.failed('write to'));
      } finally {
        await file.close();
      }
      return await this.publish(temp, blob);
    } catch (error) {
      await unlink(temp).catch(() => undefined);
      throw error;
    }
  }

  private async newTemp(): Promise<string> {
    const folder = join(this.root, 'tmp');
    await mkdir(folder, { recursive: true }).catch(this.failed('write to'));
    return join(folder, `${process.pid}-${randomUUID()}`);
  }

  private async publish(temp: string, blob: BlobId): Promise<StoredBlob> {
    const path = this.pathOf(blob);
    const folder = dirname(path);
    try {
      const made = await mkdir(folder, { recursive: true });
      await rename(temp, path);
      // The rename, and each folder made for it, stands for good only when the folder above it is synced.
      const last = made ? dirname(made) : folder;
      for (let synced = folder; ; synced = dirname(synced)) {
        await syncFolder(synced);
        if (synced === last) break;
      }
    } catch (error) {
      throw this.failure('write to', error);
    }
    return this.stored(blob);
  }

  /** Shares the file's blocks where the file system can (Btrfs, XFS, APFS); undefined where it cannot. */
  private async clone(path: string): Promise<StoredBlob | undefined> {
    if (!this.canClone) return undefined;
    const temp = await this.newTemp();
    if (!(await cloneFile(path, temp))) {
      this.canClone = false;
      return undefined;
    }
    try {
      await chmod(temp, 0o444);
      const file = await open(temp, 'r');
      try {
        const blob = await copyHashed(file);
        await file.sync();
        return await this.publish(temp, blob);
      } finally {
        await file.close();
      }
    } catch (error) {
      await unlink(temp).catch(() => undefined);
      throw this.failure('write to', error);
    }
  }

  private async cloneTo(blob: BlobId, path: string): Promise<BlobId | undefined> {
    if (!this.canClone) return undefined;
    await rm(path, { force: true });
    this.canClone = await cloneFile(this.pathOf(blob), path);
    if (!this.canClone) return undefined;
    await chmod(path, 0o644);
    const file = await open(path, 'r');
    try {
      return await copyHashed(file);
    } finally {
      await file.close();
    }
  }

  private async copyBlob(from: FileHandle, path: string): Promise<BlobId> {
    const cannotWrite = (error: unknown): never => {
      throw isSystemError(error) ? new ServiceUnavailable(`cannot copy an artifact to ${path}: ${error.message}`, { cause: error }) : error;
    };
    const to = await open(path, 'w').catch(cannotWrite);
    try {
      return await copyHashed(from, to).catch(this.failed('read', 'read')).catch(cannotWrite);
    } finally {
      await to.close();
    }
  }

  /** For `catch`: turns errors of the file system (of one call only, where it is named) into one that names the store's folder. */
  private failed(action: string, syscall?: string): (error: unknown) => never {
    return (error) => {
      if (syscall && (error as NodeJS.ErrnoException | null)?.syscall !== syscall) throw error;
      throw this.failure(action, error);
    };
  }

  private failure(action: string, error: unknown): unknown {
    if (!isSystemError(error)) return error;
    return new ServiceUnavailable(`cannot ${action} the artifact store in ${this.root}: ${error.message}`, { cause: error });
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error;

/** For `catch`: the value given where a file is not there. */
function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

async function cloneFile(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    // Whatever the reason, the caller copies instead, and says what is wrong if that fails too.
    await rm(to, { force: true });
    return false;
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing as syncing a folder.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
