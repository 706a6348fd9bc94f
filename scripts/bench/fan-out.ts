import type { Benchmark } from './benchmark.ts';
import { threeWays } from './three-ways.ts';

export const fanOut: Benchmark = {
  name: 'fan-out',
  title: 'A fan-out of 1,000 no-op steps, commit included',
  run: (workspace, options) =>
    threeWays(
      workspace,
      { module: workspace.modules.fanOut, steps: 1000, work: 'fanOutOfWork', nothing: 'fanOutOfNothing', warmUp: 2, goals: {} },
      options,
    ),
};
