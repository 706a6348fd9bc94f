import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { ArtifactCorrupt } from 'flowyml';
import type { ArtifactStore } from 'flowyml/client';

/** An artifact store in a folder whose files are compressed: three methods are enough. */
export default function zippedStore(options: { folder?: string }, { root }: { root: string }): ArtifactStore {
  const folder = resolve(root, options.folder ?? 'zipped');
  const place = (sha256: string) => join(folder, sha256.slice(0, 2), `${sha256}.gz`);
  const sizeOf = async (sha256: string) => Number(await readFile(`${place(sha256)}.size`, 'utf8').catch(() => Number.NaN));

  return {
    // Nobody sees the file before all of it is there: it gets its name last.
    async put(source) {
      const temporary = join(folder, 'tmp', randomUUID());
      await mkdir(join(folder, 'tmp'), { recursive: true });
      const hash = createHash('sha256');
      let size = 0;
      const measured = new Transform({
        transform(chunk: Uint8Array, _, done) {
          hash.update(chunk);
          size += chunk.length;
          done(null, chunk);
        },
      });
      const bytes = source instanceof Uint8Array ? [source] : source;
      await pipeline(Readable.from(bytes), measured, createGzip(), createWriteStream(temporary));
      const sha256 = hash.digest('hex');
      const path = place(sha256);
      await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true });
      await writeFile(`${temporary}.size`, String(size));
      await rename(`${temporary}.size`, `${path}.size`);
      await rename(temporary, path);
      return { sha256, size, uri: pathToFileURL(path).href };
    },

    // What comes out is checked before its last chunk is handed on.
    async *open({ sha256, size }) {
      if ((await sizeOf(sha256)) !== size) throw new ArtifactCorrupt(`artifact ${sha256} is missing from ${folder}`);
      const hash = createHash('sha256');
      let last: Uint8Array | undefined;
      for await (const chunk of createReadStream(place(sha256)).pipe(createGunzip())) {
        hash.update(chunk);
        if (last) yield last;
        last = chunk;
      }
      if (hash.digest('hex') !== sha256) throw new ArtifactCorrupt(`artifact ${sha256} was changed in ${folder}`);
      if (last) yield last;
    },

    async has({ sha256, size }) {
      return (
        (await sizeOf(sha256)) === size &&
        (await stat(place(sha256)).then(
          () => true,
          () => false,
        ))
      );
    },
  };
}
