import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The node to run children with: another release, to try the loader on it. */
const NODE = process.env.FLOWYML_TEST_NODE ?? process.execPath;

export const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const PROBE = fileURLToPath(new URL('./probe.ts', import.meta.url));

export interface Project {
  root: string;
  write(files: Record<string, string>): void;
  path(name: string): string;
  remove(): void;
}

/** A folder of its own with these files, far from any package.json. */
export function project(files: Record<string, string>): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-project-')));
  const made: Project = {
    root,
    write(more) {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
    },
    path: (name) => join(root, name),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  made.write(files);
  return made;
}

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs node in a folder. */
export function node(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(NODE, [...args], { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

/** Runs a file with the loader, as the command runs from source. */
export const run = (cwd: string, file: string, ...args: string[]) =>
  node(cwd, ['-C', 'flowyml-source', '--import', REGISTER, file, ...args]);

export interface Probed {
  /** Export name and pipeline's name of each. */
  pipelines: [string, string][];
  picked?: [string, string];
  error?: { name: string; code: string; message: string };
  /** What else the child printed. */
  printed: string;
}

/** Loads `MODULE#name` in a child with the loader: what the command sees. */
export async function probe(cwd: string, argument: string): Promise<Probed> {
  const { stdout, stderr } = await run(cwd, PROBE, argument);
  const line = stdout.split('\n').find((each) => each.startsWith('PROBED '));
  if (!line) throw new Error(`the probe printed no result: ${stdout}${stderr}`);
  return { ...JSON.parse(line.slice('PROBED '.length)), printed: stdout.replace(line, '') + stderr };
}
