import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const numbers = z.array(z.number());
const load = step({ name: 'load', outputs: { data: numbers } }, () => Array.from({ length: 5000 }, (_, i) => i));
const count = step({ name: 'count', inputs: { data: numbers }, outputs: { rows: z.number() } }, ({ data }) => data.length);
const inspected = pipeline('inspected', { steps: [load, count] });

for (const result of [await run(inspected), await run(inspected)]) {
  if (!result.success) continue;
  console.log(result.summary());
  for (const [name, { status, durationMs, outputs }] of Object.entries(result.steps)) {
    console.log(`Step ${name}: ${(durationMs / 1000).toFixed(2)} s, ${status === 'cached' ? 'from the cache' : 'computed'}`);
    for (const { uri } of Object.values(outputs)) if (uri) console.log(`Kept at ${uri}`);
  }
}
