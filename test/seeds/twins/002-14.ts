import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => Array.from({ length: 5000 }, (_, i) => i));

/** The stack's paths stand in flowyml.yaml under its name. */
const myPipeline = pipeline('my_pipeline', { steps: [load], stack: 'laptop' });

console.log(JSON.stringify(await run(myPipeline, { stack: 'laptop' })));
