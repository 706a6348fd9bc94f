import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor, RunningWorker } from 'flowyml/stacks';

interface Started extends RunningWorker {
  pid: number;
  log: string;
}

/**
 * An executor whose workers are processes of this machine. It remembers them in files, so that whichever worker of the
 * project looks after it next finds what an earlier one started.
 */
export default function processExecutor(_options: object, { root }: { root: string }): Executor {
  const folder = join(root, '.flowyml', 'processes');
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string) => join(folder, `${name}.json`);
  const all = (): Started[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  const lives = ({ pid }: Started) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  return {
    async start({ name, queue, command: [program = '', ...args], env }) {
      const log = join(folder, `${name}.log`);
      const output = openSync(log, 'w');
      const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', output, output] });
      child.unref();
      writeFileSync(fileOf(name), JSON.stringify({ name, queue, pid: child.pid, log }));
    },

    async running() {
      return all().filter(lives);
    },

    async ended() {
      const over = all().filter((each) => !lives(each));
      for (const { name } of over) rmSync(fileOf(name), { force: true });
      // How it ended, a process that was left alone tells nobody: its last words must do.
      return over.map(({ name, queue, log }) => {
        const said = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '';
        return { name, queue, ...(/worker stopped|no new work is taken/.test(said) ? {} : { reason: said || 'it ended' }) };
      });
    },

    async stop(name) {
      const found = all().find((each) => each.name === name);
      if (found && lives(found)) process.kill(found.pid, 'SIGTERM');
    },
  };
}
