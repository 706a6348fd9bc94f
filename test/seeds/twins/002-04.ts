import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const numbers = z.array(z.number());

const extract = step({ name: 'extract', outputs: { raw_data: numbers } }, () => [1, 2, 3, 4, 5]);

const transform = step({ name: 'transform', inputs: { raw_data: numbers }, outputs: { processed_data: numbers } }, ({ raw_data }) =>
  raw_data.map((n) => 2 * n),
);

const result = await run(pipeline('etl_pipeline').add(extract).add(transform));
if (result.success) console.log(`made ${result.outputs.processed_data?.join(' ')}`);
