#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

if (!existsSync(source)) {
  await import('../dist/cli/main.js');
} else {
  // A clone runs from source: what is edited is what runs. Node takes the condition and the loader only as it starts.
  const { spawn } = await import('node:child_process');
  const register = new URL('../loader/register.mjs', import.meta.url).href;
  const args = ['-C', 'flowyml-source', '--import', register, source, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; others only to this one.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
}
