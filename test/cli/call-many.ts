import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Call, Outcome } from './many.ts';

const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const MANY = fileURLToPath(new URL('./many.ts', import.meta.url));

/** Makes these calls of the command, one after the other, in one process. */
export async function callMany(calls: readonly Call[], { root, env }: { root: string; env: NodeJS.ProcessEnv }): Promise<Outcome[]> {
  const args = ['-C', 'flowyml-source', '--import', REGISTER, MANY];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(calls));
  const printed = await text(child.stdout);
  if (!printed) throw new Error(`${MANY} gave nothing`);
  return JSON.parse(printed) as Outcome[];
}
