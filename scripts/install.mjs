// Runs before `npm run demo`, `npm test` and `npm run verify`: installs what package-lock.json says, unless it is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!isUpToDate()) {
  // On a fresh clone as the lock file has it, by `npm ci`. Where packages are already, only what differs: `npm ci` would take
  // them away from under whatever runs. Also where `npm ci` refuses the lock file: see scripts/complete-lock.mjs.
  const fresh = !existsSync(join(root, 'node_modules'));
  if (!((fresh && npm('ci')) || npm('install', '--no-save')) || !isUpToDate()) {
    console.error('The dependencies could not be installed.');
    process.exitCode = 1;
  }
}

function npm(...command) {
  const args = [...command, '--no-audit', '--no-fund', '--loglevel=error'];
  console.log(`Installing dependencies: npm ${command.join(' ')}`);
  return spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

/** Whether what is installed is what the lock file says, by name and version. */
function isUpToDate() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, entry]) => !path || entry.optional || present[path]?.version === entry.version);
}

function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages;
}
