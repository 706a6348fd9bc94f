import { getActiveStack, run, setActiveStack } from 'flowyml';
import myPipeline from './001-10.ts';

const { stack } = (await run(myPipeline)).toJSON();
let refusal = '';
try {
  setActiveStack('prodution');
} catch (error) {
  refusal = (error as Error).message;
}
console.log(JSON.stringify({ stack, active: getActiveStack().name, refusal }));
