// The pictures of docs/temporal.md, made anew: `node -C flowyml-source --import ./loader/register.mjs scripts/screenshots.ts`
// runs pipelines in a scratch project and opens its Temporal Web in this machine's Chromium.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findChromium, markdownWith, openBrowser, openRun, type RunTab } from './chromium.ts';

const CLONE = fileURLToPath(new URL('..', import.meta.url));
const IMAGES = join(CLONE, 'docs', 'images');

const CHURN = `
import { approval, mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';
const rows = z.array(z.number());
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const load = step({ name: 'load_customers', description: 'Reads last month from the warehouse.', params: { customers: z.int().default(400) }, outputs: { raw: rows, regions: z.array(z.string()) } },
  ({ customers }) => ({ raw: Array.from({ length: customers }, (_, i) => i), regions: ['north', 'south'] }));
const clean = step({ name: 'clean', inputs: { raw: rows }, outputs: { cleaned: rows }, group: 'cpu_pool' }, async ({ raw }) => { await pause(900); return raw.filter((row) => row % 2); });
const profile = step({ name: 'profile', inputs: { cleaned: rows }, outputs: { mean: z.number() }, group: 'cpu_pool' }, async ({ cleaned }) => { await pause(500); return cleaned.length / 2; });
const features = mapStep({ name: 'features', description: 'Vectors of the customers.', items: 'cleaned', item: z.number(), outputs: { vectors: z.number() }, group: 'cpu_pool', batchSize: 50, concurrency: 4 },
  async ({ item }) => { await pause(10); return item * 2; });
const train = step({ name: 'train_model', description: 'Fits the churn model.', inputs: { vectors: rows, mean: z.number() }, params: { learning_rate: z.number().default(0.05) }, outputs: { model: z.object({ auc: z.number() }) }, group: 'gpu_pool' },
  async () => { await pause(2500); return { auc: 0.834 }; });
const report = step({ name: 'regional_report', inputs: { regions: z.array(z.string()) }, outputs: { report: z.string() }, when: ({ regions }) => regions.length > 4 }, () => '');
const review = approval({ name: 'review', after: [train], message: 'Promote the model? Its AUC must be above 0.8.', timeout: '7 days' });
const deploy = step({ name: 'deploy', inputs: { model: z.object({ auc: z.number() }), mean: z.number() }, after: [review], group: 'cpu_pool', retry: { maxAttempts: 2, initialInterval: '200 ms' } },
  () => { throw new TypeError("endpoint 'churn-prod' has no free replica"); });
const notify = step({ name: 'notify', after: [deploy] }, () => {});
export default pipeline('churn', { version: '2026.3', description: 'Trains the churn model, asks, and deploys it.', steps: [load, clean, profile, features, train, report, review, deploy, notify] });
`;

const executable = findChromium();
if (!executable) throw new Error('no Chromium on PATH: install it, or let FLOWYML_TEST_CHROMIUM name one');

const root = mkdtempSync(join(tmpdir(), 'churn-'));
mkdirSync(join(root, 'pipelines'));
mkdirSync(IMAGES, { recursive: true });
writeFileSync(join(root, 'flowyml.yaml'), 'project: churn\n');
writeFileSync(join(root, 'pipelines', 'churn.ts'), CHURN);
const { TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL, ...env } = process.env;
const command = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(CLONE, 'bin', 'flowyml.mjs'), ...args], { cwd: root, env });

const browser = await openBrowser(executable);
const run = 'churn-march';
try {
  await command('up');
  const { ui } = JSON.parse((await command('status', '--json')).stdout).temporal as { ui: string };
  const shoot = async (name: string, tab: RunTab, seen: string | RegExp, colorScheme: 'light' | 'dark', height: number) => {
    const context = await browser.newContext({ viewport: { width: 1280, height }, colorScheme });
    const page = await context.newPage();
    await openRun(page, ui, run, tab);
    if (tab === 'user-metadata') await markdownWith(page, seen);
    else await page.getByText(seen).first().waitFor();
    // Fonts, and the page's own fading in.
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(IMAGES, `${name}.png`) });
    await context.close();
  };
  await command('run', 'pipelines/churn.ts', '--id', run, '--detach', '-p', 'customers=400', '-p', 'learning_rate=0.02');
  await shoot('temporal-web-waiting', 'user-metadata', 'waits for a person', 'light', 1240);
  // Before it fails: the failure's stack would show this machine's paths.
  await shoot('temporal-web-timeline', 'timeline', 'gpu_pool · Fits the churn model.', 'light', 1020);
  await command('runs', 'approve', run, 'review', '--by', 'ann');
  await shoot('temporal-web-failed', 'user-metadata', 'runs retry', 'dark', 1240);
  await shoot('temporal-web-memo', 'memo', '"learning_rate"', 'light', 640);
} finally {
  await browser.close();
  await command('down', '--purge').catch(() => {});
  rmSync(root, { recursive: true, force: true });
}
