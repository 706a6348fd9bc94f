import { run } from 'flowyml';
import batch from './002-16.ts';

const items = [0, 1, 2, 3, 4, 5, 6, 7];
for (const params of [
  { items, num_workers: 1 },
  { items, num_workers: 4 },
  { items: [1, -1, 2], num_workers: 4 },
]) {
  console.log(JSON.stringify(await run(batch, { params })));
}
