import type { Readable } from 'node:stream';
import { pack } from 'tar-fs';
import type { ContextEntry } from './context-files.ts';

/** The name, in the context, of a Dockerfile that is not one of its files. */
export const EXTRA_DOCKERFILE = '.flowyml.Dockerfile';

/**
 * A build context as Docker takes it.
 * @param dockerfile the text of one that is not among the entries
 */
export function contextTar(context: string, entries: readonly ContextEntry[], dockerfile?: string): Readable {
  const modes = new Map(entries.map(({ path, mode }) => [path, mode]));
  return pack(context, {
    // None at all would mean the whole folder.
    entries: entries.length ? entries.map(({ path }) => path) : ['.'],
    ignore: () => true,
    map: (header) => ({ ...header, mode: modes.get(header.name) ?? 0o755, uid: 0, gid: 0 }),
    finalize: false,
    finish: (tar) => {
      if (dockerfile !== undefined) tar.entry({ name: EXTRA_DOCKERFILE, mode: 0o644 }, dockerfile);
      tar.finalize();
    },
  });
}
