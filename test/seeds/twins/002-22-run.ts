import { run } from 'flowyml';
import gated from './002-22.ts';

for (const rows of [120, 99]) console.log(JSON.stringify(await run(gated, { params: { rows } })));
