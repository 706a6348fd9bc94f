import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The Chromium of this machine: what FLOWYML_TEST_CHROMIUM names, else the first on PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.FLOWYML_TEST_CHROMIUM) return env.FLOWYML_TEST_CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts it without a window. In containers it cannot make a sandbox of its own; it sees our own pages only. */
export const openBrowser = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: ['--no-sandbox'] });

export type RunTab = 'timeline' | 'user-metadata' | 'memo' | 'search-attributes';

/** Opens a tab of a run's page. */
export async function openRun(page: Page, ui: string, runId: string, tab: RunTab): Promise<void> {
  await page.goto(`${ui}/namespaces/default/workflows/${encodeURIComponent(runId)}`);
  // The page finds the run's newest execution, and goes to its timeline.
  await page.waitForURL(/\/timeline$/);
  await page.goto(page.url().replace(/timeline$/, tab));
}

/** The frame in which Temporal Web shows a Markdown text that holds this; asks for fresh details, as a reader does, until it does. */
export async function markdownWith(page: Page, text: string | RegExp): Promise<Frame> {
  const fits = (body: string) => (typeof text === 'string' ? body.includes(text) : text.test(body));
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    for (const frame of page.frames().slice(1)) {
      if (fits((await frame.textContent('main', { timeout: 1000 }).catch(() => '')) ?? '')) return frame;
    }
    await page.keyboard.press('r');
    await page.waitForTimeout(500);
  }
  throw new Error(`no Markdown on ${page.url()} holds ${text}`);
}
