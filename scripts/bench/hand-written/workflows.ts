import { proxyActivities } from '@temporalio/workflow';
import type { ArtifactRef } from '../../../pipelines/run-result.ts';
import type { HandWrittenActivities } from './activities.ts';

const { work, noop } = proxyActivities<HandWrittenActivities>({ startToCloseTimeout: '1 minute' });

/** Which pipeline's steps to call, from where, and with which seed. */
export interface Task {
  module: string;
  pipeline: string;
  steps: number;
  seed: number;
}

export async function chainOfWork({ steps, seed, ...at }: Task): Promise<unknown> {
  let outputs: Record<string, ArtifactRef> = {};
  for (let i = 0; i < steps; i++) outputs = await work({ ...at, step: `step_${i}`, inputs: outputs, params: i ? {} : { seed } });
  return outputs[`value_${steps - 1}`]?.value;
}

export async function chainOfNothing({ steps, seed }: Task): Promise<unknown> {
  let value = seed - 1;
  for (let i = 0; i < steps; i++) value = await noop(value);
  return value;
}

export async function fanOutOfWork({ steps, seed, ...at }: Task): Promise<unknown> {
  const all = await Promise.all(Array.from({ length: steps }, (_, i) => work({ ...at, step: `step_${i}`, inputs: {}, params: { seed } })));
  return all.at(-1)?.[`value_${steps - 1}`]?.value;
}

export async function fanOutOfNothing({ steps, seed }: Task): Promise<unknown> {
  const all = await Promise.all(Array.from({ length: steps }, (_, i) => noop(seed + i - 1)));
  return all.at(-1);
}
