import { run } from 'flowyml';
import training, { production } from './002-18.ts';

const { outputs } = await run(training, { params: production });
console.log(outputs.trained_on);
