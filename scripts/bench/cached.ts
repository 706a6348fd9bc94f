import type { Benchmark } from './benchmark.ts';
import { elapsed, interleave } from './sampling.ts';
import { serve } from './served.ts';

const SEED = -1_000_000;
const GOAL_MS = 100;

export const cached: Benchmark = {
  name: 'cached',
  title: 'A run of 100 steps that the cache answers whole, on a warm worker: from the call to the result',
  async run(workspace, options) {
    const served = await serve(workspace, workspace.modules.chain, options.say);
    const measure = () =>
      elapsed(async () => {
        const { steps } = await served.run({ seed: SEED });
        if (Object.values(steps).some(({ status }) => status !== 'cached')) throw new Error('the cache did not answer every step');
      });
    try {
      await served.run({ seed: SEED });
      const values = await interleave([{ name: 'cached', measure }], { ...options, warmUp: 3 });
      return { measurements: [{ what: 'run of 100 cached steps', unit: 'ms', values: values.get('cached') ?? [], goal: GOAL_MS }] };
    } finally {
      await served.stop();
    }
  },
};
