import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awaitRun } from '../../client/runs.ts';
import type { Plant } from './plant.ts';
import { run, start } from './runs.ts';
import { sharedPlant } from './shared.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await sharedPlant({ modules: ['sizes.ts'] });
  await plant.startWorker().serving;
});
afterAll(() => plant.close());

/** The result with all its outputs, however large. */
const whole = async (pipeline: string, params = {}) => awaitRun(plant.client, plant.db, (await start(plant, pipeline, params)).workflowId);

/** Over all executions of a run: how many there were, how many events in the longest, how many activities waited at most. */
async function historyOf(workflowId: string) {
  let runId = (await plant.client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId;
  let [executions, events, pending] = [0, 0, 0];
  while (runId) {
    const history = (await plant.client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
    const open = new Set<string>();
    let next: string | null | undefined;
    for (const event of history) {
      if (event.activityTaskScheduledEventAttributes) open.add(String(event.eventId));
      const ended =
        event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
      if (ended) open.delete(String(ended.scheduledEventId));
      pending = Math.max(pending, open.size);
      next = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    }
    [executions, events, runId] = [executions + 1, Math.max(events, history.length), next ?? undefined];
  }
  return { executions, events, pending };
}

it('outputs of one step that are together more than Temporal takes travel by reference', async () => {
  const result = await whole('rich');
  expect(result).toMatchObject({ status: 'succeeded', steps: { take: { outputs: { got: { value: 'o0 .o899' } } } } });
  expect(Object.keys(result.steps.give?.outputs ?? {})).toHaveLength(900);
});

it('an error of millions of letters is cut', async () => {
  const { steps } = await run(plant, 'wordy', {});
  expect(steps.rant).toMatchObject({ status: 'failed', error: { type: 'Error', message: expect.stringContaining('more characters') } });
});

it('a param of 1.5 MB reaches its step; one of 3 MB is refused, clearly', async () => {
  expect(await whole('fed', { text: 'x'.repeat(1_500_000) })).toMatchObject({
    steps: { measure: { outputs: { length: { value: 1_500_000 } } } },
  });
  writeFileSync(join(plant.root, 'big.json'), JSON.stringify({ text: 'x'.repeat(3_000_000) }));
  const refused = await flowyml('run', 'pipelines/sizes.ts#fed', '--params', 'big.json');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/params.*(2|larger|too large|limit)/i);
  expect(refused.stderr).not.toMatch(/\n\s+at /);
});

it('2,000 steps one after the other, with 6 MB in all, run through', async () => {
  const result = await whole('long');
  expect(result.status).toBe('succeeded');
  expect(String(result.steps.s1999?.outputs.v1999?.value)).toMatch(/^1999 \.+$/);
  expect(Object.values(result.steps).every(({ status, attempts }) => status === 'succeeded' && attempts === 1)).toBe(true);
  const { executions, events } = await historyOf(result.runId);
  expect(executions).toBeGreaterThan(1);
  expect(events).toBeLessThan(10_000);
}, 240_000);

it('2,000 steps side by side never have more than 100 activities wait', async () => {
  const result = await whole('wide');
  expect(result).toMatchObject({ status: 'succeeded', steps: { gather: { outputs: { sum: { value: (1999 * 2000) / 2 } } } } });
  const { pending } = await historyOf(result.runId);
  expect(pending).toBeLessThanOrEqual(100);
  expect(pending).toBeGreaterThan(50);
}, 240_000);

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;

async function flowyml(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const node = ['-C', 'flowyml-source', '--import', REGISTER, MAIN, ...args];
  return promisify(execFile)(process.execPath, node, { cwd: plant.root, env: { ...plant.env, FLOWYML_DEBUG: '' } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}
