import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const measure = step({ name: 'measure', params: { broken: z.boolean() }, outputs: { celsius: z.number() } }, ({ broken }) => {
  if (broken) throw new Error('the sensor is silent');
  return 21;
});

const station = pipeline('station', { steps: [measure] });

for (const broken of [false, true]) {
  const result = await run(station, { params: { broken } });
  if (result.success) console.log(`good: ${JSON.stringify(result.outputs)}`);
  else console.log(`bad: ${result.status}, ${result.error?.step}: ${result.error?.message}, ${JSON.stringify(result.outputs)}`);
}
