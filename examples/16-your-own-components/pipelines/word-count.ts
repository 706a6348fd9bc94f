import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const counts = z.record(z.string(), z.number());

const read = step({ name: 'read', outputs: { lines: z.array(z.string()) } }, () =>
  Array.from({ length: 500 }, (_, i) => `line ${i} of a text that ${i % 3 ? 'repeats' : 'changes'}`),
);

// Steps of a group are done by workers that the stack's executor starts.
const count = step(
  { name: 'count', group: 'counting', inputs: { lines: z.array(z.string()) }, outputs: { words: counts } },
  ({ lines }) => {
    const words: Record<string, number> = {};
    for (const word of lines.flatMap((line) => line.split(' '))) words[word] = (words[word] ?? 0) + 1;
    return words;
  },
);

export default pipeline('word_count', { steps: [read, count] });
