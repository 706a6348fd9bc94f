import { readFile, rm, writeFile } from 'node:fs/promises';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const answers = z.array(z.string());

/** Long and expensive: a step of its own. The bill names the run that paid. */
const ask = step({ name: 'ask', outputs: { answers, bill: z.string() } }, (_, run) => ({
  answers: ['late', 'late', 'on time'],
  bill: run.runId,
}));

const tally = step(
  { name: 'tally', inputs: { answers }, params: { word: z.string() }, outputs: { count: z.number() } },
  ({ answers, word }) => {
    if (!word) throw new RangeError('no word to look for');
    return answers.filter((answer) => answer === word).length;
  },
);

/** One thing in two acts: a file that cannot be read back was not saved. */
const archive = step(
  { name: 'archive', inputs: { answers }, params: { lost: z.boolean() }, outputs: { archived: z.array(z.string()) } },
  async ({ answers, lost }, run) => {
    const file = `${run.workDir}/answers.json`;
    await writeFile(file, JSON.stringify(answers));
    if (lost) await rm(file);
    return JSON.parse(await readFile(file, 'utf8'));
  },
);

export const tallying = pipeline('tallying', { steps: [ask, tally] });
export const archiving = pipeline('archiving', { steps: [ask, archive] });
