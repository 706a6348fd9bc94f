import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// `npm test` counts what happened: nothing that went wrong may pass for a success.

const COMMAND = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url));
const REPORTER = fileURLToPath(new URL('../support/reporter.ts', import.meta.url));

const FILES = {
  'vitest.config.mjs': `export default { test: { include: ['*.test.js'], globals: true, pool: 'forks', maxWorkers: 2, reporters: [${JSON.stringify(REPORTER)}] } };`,
  'passes.test.js': "it('says', () => { console.log('of no interest'); });",
  'fails.test.js': "it('adds', () => { console.log('told before'); expect(1 + 1).toBe(3); }); it('holds', () => {});",
  'setup.test.js': "describe('a database', () => { beforeAll(() => { throw new Error('not there'); }); it('is asked', () => {}); });",
  'loads.test.js': "import './nothing.js';",
  'crashes.test.js': "it('dies', () => { process.kill(process.pid, 'SIGKILL'); }); it('comes after', () => {});",
  'rejects.test.js':
    "it('forgets', async () => { Promise.reject(new Error('forgotten')); await new Promise((end) => setTimeout(end, 50)); });",
  'skips.test.js': "it('runs', () => {}); it('builds an image', (test) => { test.skip('no Docker here'); });",
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowyml-test-command-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

function test(filters: string[], env: Record<string, string> = {}) {
  const plain = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|FLOWYML_|NODE_OPTIONS|NODE_ENV|CI$|FORCE_COLOR)/.test(name));
  const args = [COMMAND, '--root', folder, '--config', join(folder, 'vitest.config.mjs'), ...filters];
  const options = { encoding: 'utf8', env: { ...Object.fromEntries(plain), NO_COLOR: '1', ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, last: stdout.trimEnd().split('\n').at(-1), stdout, stderr };
}

describe('the last line and the exit code', () => {
  it('of tests that pass', () => {
    expect(test(['passes'])).toMatchObject({ status: 0, last: '1 passed, 0 failed', stderr: '' });
  });

  it('of one that fails: its error, and what its file printed', () => {
    const { status, last, stdout, stderr } = test(['fails', 'passes']);
    expect({ status, last }).toEqual({ status: 1, last: '2 passed, 1 failed' });
    expect(stderr).toMatch(/FAIL fails\.test\.js > adds\n.*expected 2 to be 3[\s\S]*told before/);
    expect(stdout + stderr).not.toContain('of no interest');
  });

  it('of what breaks outside a test: set-up, import, a killed process, a rejection', () => {
    expect(test(['setup'])).toMatchObject({ status: 1, last: '0 passed, 1 failed, 1 skipped' });
    expect(test(['loads'])).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
    expect(test(['rejects'])).toMatchObject({ status: 1, last: '1 passed, 1 failed' });
    const { status, last, stderr } = test(['crashes', 'passes']);
    expect({ status, last }).toEqual({ status: 1, last: '1 passed, 3 failed' });
    expect(stderr).toContain('no result: its process ended before');
  });

  it('of no test at all', () => {
    expect(test(['there-is-none'])).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
    expect(test(['passes', '-t', 'no such name'])).toMatchObject({ status: 1, last: '0 passed, 1 failed, 1 skipped' });
    expect(test(['--no-such-option'])).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  });

  it('of a skipped test: said, and a failure where FLOWYML_CI_REQUIRE is set', () => {
    const here = test(['skips']);
    expect(here).toMatchObject({ status: 0, last: '1 passed, 0 failed, 1 skipped' });
    expect(here.stdout).toContain('skipped: builds an image: no Docker here');
    const inCi = test(['skips'], { FLOWYML_CI_REQUIRE: '1' });
    expect(inCi).toMatchObject({ status: 1, last: '1 passed, 1 failed' });
    expect(inCi.stderr).toContain('skipped: no Docker here: FLOWYML_CI_REQUIRE makes that a failure');
  });
});
