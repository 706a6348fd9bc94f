import type { Benchmark } from './benchmark.ts';
import { threeWays } from './three-ways.ts';

export const chain: Benchmark = {
  name: 'chain',
  title: 'A chain of 100 no-op steps, commit included',
  run: (workspace, options) =>
    threeWays(
      workspace,
      {
        module: workspace.modules.chain,
        steps: 100,
        work: 'chainOfWork',
        nothing: 'chainOfNothing',
        warmUp: 3,
        goals: { overWork: 1.2, overNothing: 1.35 },
      },
      options,
    ),
};
