import { run } from 'flowyml';
import { training } from './002-09.ts';

const used: (number | undefined)[] = [];
for (const options of [{ params: { learning_rate: 0.05 } }, { stack: 'local' }])
  used.push((await run(training, options)).outputs.trained_with);
const refused = await run(training, { stack: 'my_production_stack' }).catch((error: Error) => `${error.name}: ${error.message}`);
console.log(JSON.stringify({ used, refused }));
