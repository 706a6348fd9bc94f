import { LocalStack, pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => Array.from({ length: 5000 }, (_, i) => i));

const stack = new LocalStack({ name: 'laptop', artifactPath: 'kept/artifacts', metadataPath: 'kept/metadata' });
const myPipeline = pipeline('my_pipeline', { steps: [load], stack });
const other = new LocalStack({ name: 'other', artifactPath: 'kept/others' });

console.log(JSON.stringify([await run(myPipeline), await run(myPipeline, { stack: other, cache: false })]));
