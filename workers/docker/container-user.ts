import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerRequest } from '../../stacks/executor.ts';
import type { ContainerUser } from './container-options.ts';

const USUAL: ContainerUser = { uid: 1000, gid: 1000 };

/**
 * Whom a container runs as: the user that local artifact stores belong to, so that both can write them, but never root.
 * Where flowyml itself runs as root, the stores' folders are given to the usual user: root writes there all the same.
 */
export async function containerUser(folders: WorkerRequest['folders']): Promise<ContainerUser> {
  const written = folders.filter(({ writable }) => writable);
  for (const { path } of folders) await mkdir(path, { recursive: true });
  // Docker elsewhere than on Linux maps owners by itself.
  if (process.platform !== 'linux' || process.getuid?.() === undefined) return USUAL;
  if (process.getuid() !== 0) return { uid: process.getuid(), gid: process.getgid?.() ?? 1000 };
  for (const { path } of written) await giveStore(path, USUAL);
  return USUAL;
}

/** All folders that a store will ever have, made and owned beforehand: one that root makes later could not be written. */
async function giveStore(root: string, { uid, gid }: ContainerUser): Promise<void> {
  const all = [root, join(root, 'tmp'), join(root, 'sha256')];
  for (let i = 0; i < 256; i++) all.push(join(root, 'sha256', i.toString(16).padStart(2, '0')));
  for (const path of all) {
    await mkdir(path, { recursive: true });
    if ((await stat(path)).uid !== uid) await chown(path, uid, gid);
  }
}
