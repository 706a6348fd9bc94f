import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { RunRequest, RunResult } from 'flowyml/workflows';
import type * as activities from './activities.ts';

const { publishPrice } = proxyActivities<typeof activities>({ startToCloseTimeout: '10 s' });

/** A workflow of the shop's own: has the price model trained, then acts on it. */
export async function reprice(product: string): Promise<string> {
  const request: RunRequest = { params: { days: 60 }, tags: [product] };
  // The child's type is the pipeline's name. On another queue, say which: { taskQueue: '<project>' }.
  const result: RunResult = await executeChild('price_model', { args: [request] });
  return publishPrice(product, result.steps.fit_demand?.outputs.slope?.value as number);
}
