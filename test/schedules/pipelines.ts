/** `daily` says what day it stands for; where a file of the day's name lies in the folder `bad`, that day fails. */
export const PIPELINES = `
import { existsSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const say = step(
  { name: 'say', params: { day: z.iso.date(), bad: z.string().default('') }, outputs: { said: z.string() } },
  ({ day, bad }, run) => {
    if (bad && existsSync(bad + '/' + day)) throw new Error(day + ' is bad');
    return day + ' at ' + run.scheduledTime;
  },
);
export const daily = pipeline('daily', { description: 'A day.', steps: [say], context: { day: '{{ scheduled_date }}' }, retry: { maxAttempts: 1 } });

export const tiny = pipeline('tiny', {
  steps: [step({ name: 'count', params: { at: z.string() }, outputs: { length: z.number() }, cache: { ignore: ['at'] } }, ({ at }) => at.length)],
});

const wait = step({ name: 'wait', params: { gate: z.string() }, cache: false }, async ({ gate }, run) => {
  while (!existsSync(gate)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    run.signal.throwIfAborted();
  }
});
export const waiting = pipeline('waiting', { steps: [wait] });
`;
