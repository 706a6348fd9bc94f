import { setTimeout as wait } from 'node:timers/promises';
import { pipeline, step, webhook } from 'flowyml';
import { z } from 'zod';

export const extract = step(
  {
    name: 'extract',
    params: { rows: z.int().default(1000), seconds: z.number().default(0).describe('how long it takes') },
    outputs: { extracted: z.number() },
  },
  async ({ rows, seconds }, run) => {
    await wait(seconds * 1000, undefined, { signal: run.signal });
    return rows;
  },
);

export const load = step(
  {
    name: 'load',
    inputs: { extracted: z.number() },
    params: { at_least: z.int().default(100) },
    outputs: { loaded: z.number() },
  },
  ({ extracted, at_least }) => {
    if (extracted < at_least) throw new Error(`${extracted} rows came, at least ${at_least} were expected`);
    return extracted;
  },
);

const receipt = step({ name: 'receipt', description: 'Notes what was loaded.' }, (_, run) => {
  const { loaded } = run.result?.steps.load?.outputs ?? {};
  return { rows: loaded?.value ?? 0, took: run.result?.durationMs ?? 0 };
});

const alert = webhook({ name: 'alert', url: '${ALERT_WEBHOOK_URL}' });

const cleanUp = step({ name: 'clean_up', description: 'Cleans up behind the steps that did not get to their end.' }, (_, run) => {
  const unfinished = Object.entries(run.result?.steps ?? {}).filter(([, { status }]) => status === 'cancelled');
  return { cleaned: unfinished.map(([name]) => name) };
});

export default pipeline('nightly_load', {
  description: 'Says how it went: by a receipt, by a webhook, or by cleaning up.',
  steps: [extract, load],
  onSuccess: receipt,
  onFailure: alert,
  onCancel: [cleanUp, alert],
  cache: false,
});
