import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

// `npm ci` is how a fresh clone begins: it refuses a lock file that lacks anything package.json or a platform asks for.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const { dependencies, devDependencies, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

it('package-lock.json is of this package.json', () => {
  expect(packages[''].dependencies).toEqual(dependencies);
  expect(packages[''].devDependencies).toEqual(devDependencies);
  expect(packages[''].engines).toEqual(engines);
});

it('package-lock.json has the packages of every platform: else run `npm run lock`', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowyml-lock-'));
  try {
    const copy = join(folder, 'package-lock.json');
    copyFileSync(join(ROOT, 'package-lock.json'), copy);
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'complete-lock.mjs'), copy], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`${copy}: complete`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('package-lock.json names no registry', () => {
  expect(Object.entries<{ resolved?: string }>(packages).filter(([, { resolved }]) => resolved)).toEqual([]);
});
