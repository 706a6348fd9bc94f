import { createReadStream, createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ArtifactStore } from '../artifacts/store.ts';
import { newTempFolder, removeTempFolder } from './temp-folders.ts';

/** The part of a log that is too much for the database: a file while it comes, an artifact in the end. */
export class LogRest {
  private lines = 0;
  private folder: string | undefined;
  private file: WriteStream | undefined;
  private problem: Error | undefined;

  /** Takes a line. Nothing that can go wrong shows before the end: the step shall not suffer from it. */
  write(line: string): void {
    this.lines++;
    if (this.problem) return;
    try {
      this.file ??= this.open();
      this.file.write(line);
    } catch (error) {
      this.problem = error as Error;
    }
  }

  /** Keeps what came, and says where; or why it is lost. Undefined if nothing came. Never rejects. */
  async close(store: ArtifactStore): Promise<string | undefined> {
    const { lines, folder = '', file } = this;
    if (!lines) return undefined;
    try {
      file?.end();
      if (file) await finished(file);
      if (this.problem) throw this.problem;
      const blob = await store.put(createReadStream(join(folder, 'log')));
      return `${lines} more lines are in artifact ${blob.sha256} (${blob.uri})`;
    } catch (error) {
      return `${lines} more lines could not be kept: ${(error as Error).message}`;
    } finally {
      if (folder) await removeTempFolder(folder);
    }
  }

  private open(): WriteStream {
    this.folder = newTempFolder('log');
    mkdirSync(this.folder, { mode: 0o700 });
    const file = createWriteStream(join(this.folder, 'log'));
    // An error that nobody listens to would end the worker.
    file.on('error', (error) => {
      this.problem ??= error;
    });
    return file;
  }
}
