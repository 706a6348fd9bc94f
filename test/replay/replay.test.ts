import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { buildWorkflowBundle, workflowBundle } from '../../workers/workflow-bundle.ts';
import { textOf } from './neutral.ts';
import { RECORDINGS } from './recordings.ts';

// Runs that were recorded with an earlier interpreter (scripts/record-histories.ts) must go on with this one.

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const FOLDER = fileURLToPath(new URL('../histories', import.meta.url));
const FILES = readdirSync(FOLDER).sort();
const LARGEST = 100 * 1024;

interface Recorded {
  workflowId: string;
  history: { events: { eventType: string }[] };
}
const recorded: Recorded[] = FILES.map((file) => ({
  workflowId: file.replace(/\.json$/, ''),
  history: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
}));

const work = mkdtempSync(join(tmpdir(), 'flowyml-replay-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Replays all histories; gives for each that differs what Temporal says of it. */
async function replay(bundle: string): Promise<Record<string, { error: string; difference: string }>> {
  const args = ['-C', 'flowyml-source', '--import', REGISTER, fileURLToPath(new URL('replay.ts', import.meta.url)), bundle];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout);
}

it('every recording is there, and nothing else', () => {
  const names = recorded.map(({ workflowId }) => workflowId.replace(/^(continue-as-new|backfill)-\d+$/, '$1'));
  expect([...new Set(names)].sort()).toEqual(Object.keys(RECORDINGS).sort());
  const events = (id: string) => recorded.find(({ workflowId }) => workflowId === id)?.history.events.map(({ eventType }) => eventType);
  expect(events('continue-as-new-1')).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
  expect(events('approval-approved')).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED');
  expect(events('total-timeout')).toContain('EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT');
  expect(events('total-timeout-between')).toContain('EVENT_TYPE_ACTIVITY_TASK_FAILED');
});

it.each(FILES)('%s is small, and names no machine', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  expect(text.length).toBeLessThan(LARGEST);
  expect(textOf(JSON.parse(text))).not.toMatch(/\/(?:home|root|tmp|work|Users|var|private)\/|\d@\w|\.ts:\d/);
});

it('replays every recording without a difference', async () => {
  expect(await replay(await workflowBundle())).toEqual({});
  // A worker that makes traces goes on with what one without began.
  expect(await replay(await workflowBundle({ traced: true }))).toEqual({});
});

describe('an interpreter that does something else', () => {
  it('fails the recordings that have two steps ready at once, when it starts them in another order', async () => {
    const bundle = await brokenBundle('order', 'state.ts', 'this.queue.shift()', 'this.queue.pop()');
    const differ = await replay(bundle);
    expect(differ['fan-out']).toMatchObject({ error: 'DeterminismViolationError' });
    expect(differ['diamond-groups']?.difference).toMatch(
      /^at event \d+ the history schedules activity 'left', this code schedules 'right'$/,
    );
    expect(differ.chain).toBeUndefined();
  });

  it('fails all that it wrote an end for, when it leaves out that record', async () => {
    const bundle = await brokenBundle('record', 'finish.ts', 'bookkeeping[ACTIVITIES.finishRun](', '((_: unknown) => Promise.resolve())(');
    const differ = await replay(bundle);
    expect(differ.chain?.difference).toMatch(
      /^at event \d+ the history has local activity 'flowyml:finishRun', which this code does not call there$/,
    );
    const whole = recorded.filter(({ workflowId }) => !/^plan-refused|^cache-all|^continue-as-new-[12]$|^backfill-/.test(workflowId));
    expect(Object.keys(differ).sort()).toEqual(whole.map(({ workflowId }) => workflowId).sort());
  });
});

/** A bundle of the interpreter with one thing changed in it. */
async function brokenBundle(name: string, file: string, text: string, instead: string): Promise<string> {
  const folder = join(work, name);
  mkdirSync(folder);
  for (const part of ['workflows', 'pipelines']) cpSync(join(CLONE, part), join(folder, part), { recursive: true });
  symlinkSync(join(CLONE, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'workflows', file);
  const source = readFileSync(path, 'utf8');
  // Where the interpreter has changed, another way to break it must be found.
  expect(source.split(text), `${file} holds '${text}' once`).toHaveLength(2);
  writeFileSync(path, source.replace(text, instead));
  const bundle = join(folder, 'bundle.js');
  await buildWorkflowBundle(join(folder, 'workflows', 'index.ts'), bundle);
  return bundle;
}
