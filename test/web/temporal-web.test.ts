import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findChromium, markdownWith, openBrowser, openRun } from '../../scripts/chromium.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const PIPELINES = `
import { approval, pipeline, step } from 'flowyml';
import { z } from 'zod';
const load = step({ name: 'load_data', description: 'Reads the rows.', outputs: { rows: z.array(z.number()) } }, () => [1, 2, 3]);
const train = step(
  { name: 'train_model', description: 'Fits one weight.', inputs: { rows: z.array(z.number()) }, group: 'gpu_pool', outputs: { weight: z.number() },
    params: { rate: z.number().default(1), api_key: z.string().default('') } },
  ({ rows, rate }) => rows.length * rate,
);
const review = approval({ name: 'review', after: [train], message: 'Promote <it>?', timeout: '7 days' });
const deploy = step({ name: 'deploy', inputs: { weight: z.number() }, after: [review] }, () => {
  throw new TypeError('no \`endpoint\` <img src=x> | *here*\\n# at all');
});
export const promotion = pipeline('promotion', { description: 'Trains, asks, and deploys.', steps: [load, train, review, deploy] });
`;

const executable = findChromium();
const required = process.env.FLOWYML_CI_REQUIRE === '1';
const skipped = !executable && !required;
const missing = 'no Chromium on PATH: apt-get install chromium, or let FLOWYML_TEST_CHROMIUM name one';

describe.skipIf(skipped)(`a run in Temporal Web, seen in Chromium${skipped ? ` (${missing})` : ''}`, () => {
  let project: TestProject;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let runId: string;
  beforeAll(async () => {
    if (!executable) throw new Error(missing);
    project = await makeProject({ 'pipelines/p.ts': PIPELINES });
    runId = `${project.name}-run`;
    await project.start('worker').until(/ serves /, 60_000);
    const run = project.start('run', 'pipelines/p.ts', '--id', runId, '-p', 'rate=2', '-p', 'api_key=sk-12345');
    await run.until(/review +waiting|waits/i, 60_000);
    browser = await openBrowser(executable);
    context = await browser.newContext({ viewport: { width: 1300, height: 1000 } });
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await project?.remove();
  });

  const open = (tab: Parameters<typeof openRun>[3]) => openRun(page, inject('temporalUi'), runId, tab);
  /** The cells of the table of steps. */
  const table = async (frame: Awaited<ReturnType<typeof markdownWith>>) =>
    (await frame.locator('table tr').allInnerTexts()).map((row) => row.replace(/[\s\u00a0]+/g, ' ').trim());

  it('shows the summary, and where it waits: the DAG, the table, and the command that approves', async () => {
    await open('user-metadata');
    await markdownWith(page, 'Trains, asks, and deploys.');
    const frame = await markdownWith(page, 'waits for a person');
    expect(await frame.locator('pre').first().textContent()).toContain(`flowyml runs approve ${runId} review`);
    expect(await frame.locator('main').textContent()).toContain('Promote <it>?');
    const rows = await table(frame);
    expect(rows[0]).toBe('step status attempts time group');
    expect(rows.slice(1).map((row) => row.split(' ').slice(0, 3).join(' '))).toEqual([
      'load_data ✓ succeeded',
      'train_model ✓ succeeded',
      'review ? waiting',
      'deploy ○ pending',
    ]);
    const svg = frame.locator('svg');
    expect(await svg.count()).toBe(1);
    expect((await svg.locator('text').allTextContents()).filter((_, i) => i % 2 === 0)).toEqual([
      '✓ load_data',
      '✓ train_model',
      '? review',
      '○ deploy',
    ]);
    // As SVG elements that the browser lays out, not as text that it has kept: words fit into their boxes.
    for (const group of await svg.locator('g').all()) {
      const box = await group.locator('rect').boundingBox();
      for (const words of await group.locator('text').all()) {
        const own = await words.boundingBox();
        expect(own?.width).toBeGreaterThan(10);
        expect(own?.width).toBeLessThan(box?.width ?? 0);
      }
    }
  });

  it('goes on when the signal that the page tells of is sent; then the failure comes first, in the user’s own words', async () => {
    const { temporal } = await project.session();
    await temporal.client.workflow.getHandle(runId).signal('approve', { step: 'review', by: 'your name' });
    await temporal.client.workflow
      .getHandle(runId)
      .result()
      .catch(() => {});
    await open('user-metadata');
    const frame = await markdownWith(page, 'deploy failed');
    const text = await frame.locator('main').textContent();
    expect(text).toContain("TypeError: no 'endpoint' <img src=x> | *here* # at all");
    expect(await frame.locator('img, h1, script').count()).toBe(0);
    expect(text).toContain(`flowyml runs retry ${runId}`);
    expect(text).toContain('approved by your name');
    expect((await table(frame)).at(-1)).toMatch(/^deploy ✗ failed 1 /);
    expect(await frame.locator('svg text').allTextContents()).toContain('✗ deploy');
  });

  it('has boxes whose text can be read on a dark page', async () => {
    const dark = await browser.newContext({ colorScheme: 'dark' });
    const darkPage = await dark.newPage();
    await openRun(darkPage, inject('temporalUi'), runId, 'user-metadata');
    const frame = await markdownWith(darkPage, 'deploy failed');
    expect(await frame.locator('body').getAttribute('data-theme')).toMatch(/^dark/);
    const colours = await frame.evaluate<string[]>(
      "['rect', 'text'].map((of) => getComputedStyle(document.querySelector('svg g ' + of)).fill).concat(getComputedStyle(document.body).backgroundColor)",
    );
    expect(new Set(colours).size).toBe(3);
    await dark.close();
  });

  it('shows the params in the memo, but no secret; and what each activity does, with its group, in the timeline', async () => {
    await open('memo');
    await page.getByText('(not shown)').waitFor();
    const memo = await page.locator('main, body').first().textContent();
    expect(memo).toMatch(/"rate":\s*2/);
    expect(memo).not.toContain('sk-12345');
    await open('timeline');
    await page.getByText('gpu_pool · Fits one weight.').first().waitFor();
    await page.getByText('Reads the rows.').first().waitFor();
    await page.getByText('review waits for a person').first().waitFor();
  });
});
