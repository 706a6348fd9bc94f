import { LocalStack, run } from 'flowyml';
import training, { production } from './002-18.ts';

const stack = new LocalStack({ name: 'production', artifactPath: 'production' });
const result = await run(training, { params: production, stack });
console.log(`${result.toJSON().stack}: ${result.outputs.trained_on}`);
