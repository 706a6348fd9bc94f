import { run } from 'flowyml';
import training, { production } from './002-18.ts';

const results = [await run(training), await run(training, { params: production })];
console.log(JSON.stringify(results.map(({ outputs }) => outputs.trained_on)));
