import type { RunResult } from '../../pipelines/run-result.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { commandLines, run } from './processes.ts';
import { interleave } from './sampling.ts';
import { firstStepBegan } from './served.ts';

const FIRST_STEP_GOAL_MS = 1200;

export const runStart: Benchmark = {
  name: 'run',
  title: '`flowyml run` of three no-op steps, services up, its own worker: from the start of its process',
  async run({ root, modules }, options) {
    const measurements: Measurement[] = [];
    const ends = new Map<string, number[]>();
    const contenders = commandLines(options.dist).map((command) => {
      const ended: number[] = [];
      ends.set(command.name, ended);
      return {
        name: command.name,
        async measure() {
          const { stdout, startedAt, ms } = await run(command, ['run', modules.hello, '-p', `nonce=${Date.now()}`, '--json'], root);
          ended.push(ms);
          const result = JSON.parse(stdout) as RunResult;
          return firstStepBegan(result) - startedAt;
        },
      };
    });
    const firstSteps = await interleave(contenders, { ...options, warmUp: 1 });
    for (const { name } of contenders) {
      const goal = name === 'dist' ? { goal: FIRST_STEP_GOAL_MS } : {};
      measurements.push({ what: `${name}: to the first step's function`, unit: 'ms', values: firstSteps.get(name) ?? [], ...goal });
      measurements.push({ what: `${name}: to the end of the process`, unit: 'ms', values: ends.get(name)?.slice(1) ?? [] });
    }
    return { measurements };
  },
};
