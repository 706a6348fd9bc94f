import { run } from 'flowyml';
import { training } from './002-03.ts';

const { outputs } = await run(training, { params: { learning_rate: 0.05 } });
console.log(JSON.stringify(outputs.model));
