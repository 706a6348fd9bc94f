import { LocalStack, run } from 'flowyml';
import myPipeline from './001-11.ts';

const localStack = new LocalStack({ name: 'local-one', artifactPath: 'one' });
const otherStack = new LocalStack({ name: 'other', artifactPath: 'two' });

const results = [await run(myPipeline, { stack: localStack, cache: false }), await run(myPipeline, { stack: otherStack, cache: false })];
console.log(JSON.stringify(results));
