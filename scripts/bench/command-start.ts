import type { Benchmark, Measurement } from './benchmark.ts';
import { commandLines, run } from './processes.ts';
import { interleave } from './sampling.ts';

const GOAL_MS = 300;

export const commandStart: Benchmark = {
  name: 'command',
  title: 'The command that does nothing: start to end of its process',
  async run({ root }, options) {
    const contenders = commandLines(options.dist).flatMap((command) =>
      ['--version', '--help'].map((option) => ({
        name: `flowyml ${option} (${command.name})`,
        measure: async () => (await run(command, [option], root)).ms,
      })),
    );
    const values = await interleave(contenders, { ...options, warmUp: 1 });
    return { measurements: [...values].map(([what, values]): Measurement => ({ what, unit: 'ms', values, goal: GOAL_MS })) };
  },
};
