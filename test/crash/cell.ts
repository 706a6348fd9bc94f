import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../services/run-command.ts';

// A user namespace where the system gives one, else root's own rights.
const AS_ROOT = ['--user', '--map-root-user'];
let rights: string[] | undefined;

/**
 * A world in which one folder is a small disk of its own, for processes that are started with `command` before their
 * program. Nothing is mounted in the system's own table.
 */
export class Cell {
  readonly command: string[];
  private readonly holder: ChildProcess;
  private readonly folder: string;

  private constructor(holder: ChildProcess, cwd: string, folder: string) {
    this.holder = holder;
    this.folder = folder;
    this.command = [...enter(holder), 'sh', '-c', 'cd "$0" && exec "$@"', cwd];
  }

  /** Makes the folder (in `cwd`) a disk of so many MiB. */
  static async make(cwd: string, name: string, mebibytes: number): Promise<Cell> {
    const folder = join(cwd, name);
    mkdirSync(folder);
    const script = `mount -t tmpfs -o size=${mebibytes}m,mode=777 tmpfs "$0" && echo ready && exec sleep infinity`;
    const holder = spawn('unshare', [...(rights ?? AS_ROOT), '--mount', 'sh', '-c', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await Promise.race([once(holder.stdout as NodeJS.EventEmitter, 'data'), once(holder, 'exit')]);
    if (!String(said).includes('ready')) throw new Error('no disk could be made');
    return new Cell(holder, cwd, folder);
  }

  /** Where a file of the disk is seen from outside. */
  path(...names: string[]): string {
    return join('/proc', String(this.holder.pid), 'root', this.folder, ...names);
  }

  async remount(option: 'ro' | 'rw'): Promise<void> {
    const [program = '', ...args] = enter(this.holder);
    await runCommand(program, [...args, 'mount', '-o', `remount,${option}`, this.folder]);
  }

  end(): void {
    this.holder.kill('SIGKILL');
  }
}

const enter = ({ pid }: ChildProcess) => [
  'nsenter',
  '-t',
  String(pid),
  ...(rights?.length === 0 ? ['-m'] : ['-U', '-m', '--preserve-credentials']),
];

/** Why there can be no such worlds here. */
export async function noCells(): Promise<string | undefined> {
  let refusal = '';
  for (const each of [AS_ROOT, []]) {
    try {
      await runCommand('unshare', [...each, '--mount', 'true']);
      rights = each;
      return undefined;
    } catch (error) {
      refusal ||= (error as Error).message;
    }
  }
  return `this system gives no namespaces: ${refusal}`;
}
