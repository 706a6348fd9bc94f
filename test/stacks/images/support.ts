import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Folder {
  root: string;
  write(path: string, text: string): string;
  remove(): void;
}

/** A folder with these files. */
export function makeFolder(files: Record<string, string> = {}): Folder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-image-')));
  const write = (path: string, text: string) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Docker's settings with a password for a host. */
export const loggedIn = (host: string, username: string, password: string) =>
  JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } });
