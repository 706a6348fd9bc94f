import { run } from 'flowyml';
import conditional from './002-15.ts';

for (const [quality, least] of [
  [0.5, 0.9],
  [0.95, 0.9],
  [0.95, 0.9],
  [0.5, 0.9],
  [0.95, 0.99],
] as const) {
  console.log(JSON.stringify(await run(conditional, { params: { quality, least } })));
}
