import { run } from 'flowyml';
import fetching from './002-17.ts';

for (const outage of [3, 3, 2, 2]) console.log(JSON.stringify(await run(fetching, { params: { outage } })));
