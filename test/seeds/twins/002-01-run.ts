import { run } from 'flowyml';
import purity, { heldRows } from './002-01.ts';

const { outputs } = await run(purity);
console.log(JSON.stringify({ ...outputs, heldHere: heldRows() }));
