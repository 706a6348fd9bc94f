// `npm test [-- FILTER…]`: runs the tests once. The last line is `N passed, N failed[, N skipped]`, whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flowyml-counts-'));
const file = join(folder, 'counts.json');

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const env = { ...process.env, FLOWYML_TEST_COUNTS: file };
const child = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env });
// A terminal sends Ctrl-C to both: vitest stops the services, and this process waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code, signal] = await once(child, 'close').catch((error) => [error.message]);

const counts = readCounts() ?? { passed: 0, failed: 0, skipped: 0 };
if (!counts.failed && (code !== 0 || !counts.passed)) {
  console.error(code === 0 ? 'No test ran.' : `vitest ended with ${signal ?? code}.`);
  counts.failed = 1;
}
const { passed, failed, skipped } = counts;
process.exitCode = failed ? 1 : 0;
console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);

/** What test/support/reporter.ts counted; undefined where vitest did not get that far. */
function readCounts() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
