import { LocalStack, run } from 'flowyml';
import { pair, training } from './002-09.ts';

const used: (number | undefined)[] = [];
for (const options of [{ params: { learning_rate: 0.05 } }, { stack: 'local' }])
  used.push((await run(training, options)).outputs.trained_with);
const refused = await run(training, { stack: 'my_production_stack' }).catch((error: Error) => `${error.name}: ${error.message}`);
const { stack } = (await run(training, { stack: new LocalStack({ name: 'my_production_stack', artifactPath: 'prod' }) })).toJSON();
const { outputs } = await run(pair, { debug: true });
console.log(JSON.stringify({ used, refused, stack, spans: [outputs.left_span, outputs.right_span] }));
