import { setTimeout } from 'node:timers/promises';
import { parallelMap, pipeline, step } from 'flowyml';
import { z } from 'zod';

const call = z.object({ item: z.number(), pid: z.number(), began: z.number(), ended: z.number() });

/** The later an item stands, the sooner it is done. Below zero it is refused. */
export async function expensiveFunction(item: number): Promise<z.infer<typeof call>> {
  const began = Date.now();
  if (item < 0) throw new RangeError(`no square root of ${item}`);
  await setTimeout(600 - 50 * item);
  return { item: Math.sqrt(item), pid: process.pid, began, ended: Date.now() };
}

/** Workers are processes: they take the function by its name from the module that exports it. */
const processBatch = step(
  {
    name: 'process_batch',
    params: { items: z.array(z.number()), num_workers: z.int() },
    outputs: { calls: z.array(call), pid: z.number() },
  },
  async ({ items, num_workers }) => ({
    calls: await parallelMap(items, expensiveFunction, { workers: num_workers, module: import.meta.url }),
    pid: process.pid,
  }),
);

export default pipeline('batch', { steps: [processBatch] });
