import { AWSStack, pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => Array.from({ length: 3000 }, (_, i) => i));
const etl = pipeline('etl', { steps: [load] });

/** The stack of the guide, with the address of a server beside its bucket. */
const stack = new AWSStack({
  name: 'aws-prod',
  region: 'us-east-1',
  ecrRegistry: '123456789.dkr.ecr.us-east-1.amazonaws.com',
  artifactStore: { type: 's3', bucket: 'artifacts', region: 'us-east-1', endpoint: '${S3_ENDPOINT}', forcePathStyle: true },
});

console.log(JSON.stringify([stack, await run(etl, { stack })]));
