import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A way to start the command. */
export interface CommandLine {
  name: 'dist' | 'source' | 'npx in a clone';
  /** What `node` is given before the command's own arguments. */
  args: string[];
}

/** The built command where there is one, and that of the clone, without and with the process that `bin/` puts before it. */
export function commandLines(dist: string | undefined): CommandLine[] {
  const source: CommandLine[] = [
    { name: 'source', args: ['-C', 'flowyml-source', '--import', ours('loader/register.mjs'), ours('cli/main.ts')] },
    { name: 'npx in a clone', args: [ours('bin/flowyml.mjs')] },
  ];
  return dist === undefined ? source : [{ name: 'dist', args: [join(dist, 'cli', 'main.js')] }, ...source];
}

const ours = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** From just before its start to its end. */
  ms: number;
}

export interface Running {
  child: ChildProcess;
  /** `Date.now()` just before it started. */
  startedAt: number;
  ended: Promise<Ended>;
  /** Waits for text in what it writes; gives the milliseconds since its start. */
  until(text: string): Promise<number>;
}

const open = new Set<ChildProcess>();

/** Has a process ended with the others by `endProcesses`. */
export function track(child: ChildProcess): void {
  open.add(child);
  child.once('exit', () => open.delete(child));
}

/** Ends what still runs of what was started. */
export function endProcesses(): void {
  for (const child of open) child.kill('SIGKILL');
}

/** Starts the command. */
export function start(command: CommandLine, args: readonly string[], cwd: string): Running {
  const startedAt = Date.now();
  const from = performance.now();
  const env = { ...process.env, CI: '1', NO_COLOR: '1' };
  const child = spawn(process.execPath, [...command.args, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  track(child);
  const output = { stdout: '', stderr: '' };
  const checks = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      output[stream] += chunk;
      for (const check of checks) check();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...output, ms: performance.now() - from });
    });
  });
  const until = (text: string) =>
    new Promise<number>((resolve, reject) => {
      const check = () => {
        if (!(output.stdout + output.stderr).includes(text)) return;
        checks.delete(check);
        resolve(performance.now() - from);
      };
      checks.add(check);
      check();
      void ended.then(() => reject(new Error(`it ended without saying '${text}':\n${output.stdout}${output.stderr}`)));
    });
  return { child, startedAt, ended, until };
}

/** Runs the command to its end, which must be a good one. */
export async function run(command: CommandLine, args: readonly string[], cwd: string): Promise<Ended & { startedAt: number }> {
  const { ended, startedAt } = start(command, args, cwd);
  const result = await ended;
  if (result.code !== 0) throw new Error(`flowyml ${args.join(' ')} (${command.name}) ended with ${result.code}:\n${result.stderr}`);
  return { ...result, startedAt };
}
