import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Call, Outcome } from './many.ts';

const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const MANY = fileURLToPath(new URL('./many.ts', import.meta.url));

interface Place {
  root: string;
  env: NodeJS.ProcessEnv;
}

/** One process that makes calls of the command, one after the other. */
export interface Shell {
  call(call: Call): Promise<Outcome>;
  close(): void;
}

/** Makes these calls of the command, one after the other, in one process. */
export async function callMany(calls: readonly Call[], place: Place): Promise<Outcome[]> {
  const shell = openShell(place);
  const outcomes = await Promise.all(calls.map((call) => shell.call(call)));
  shell.close();
  return outcomes;
}

/** Starts a process that makes calls until it is closed. */
export function openShell({ root, env }: Place): Shell {
  const args = ['-C', 'flowyml-source', '--import', REGISTER, MANY];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(outcome: Outcome): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Outcome));
  child.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${MANY} ended before its calls did`));
  });
  return {
    call(call) {
      child.stdin.write(`${JSON.stringify(call)}\n`);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close: () => child.stdin.end(),
  };
}
