import { run } from 'flowyml';
import { inferencePipeline, trainingPipeline } from './001-16.ts';

console.log(JSON.stringify([await run(trainingPipeline), await run(inferencePipeline)]));
