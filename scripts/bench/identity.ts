import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Benchmark } from './benchmark.ts';
import { startHelper } from './helper.ts';
import { cacheKeys } from './identity/cache-keys.ts';
import type { ColdAndWarm, Modules } from './identity/cold-and-warm.ts';
import { writeModules } from './identity/modules.ts';
import { interleave } from './sampling.ts';

const STEPS = 100;
const KEYS = 1000;
const GOALS = { cold: 300, warm: 30 };
const COLD = 'code of 100 steps in 60 files, in a new process';
const KEY = 'cache keys of 1,000 steps with two inputs and a param';
// A file that has only just changed is read again each time: see identity/source-file.ts.
const SETTLED_MS = 2500;

export const identity: Benchmark = {
  name: 'identity',
  title: 'What a step is known by: the hash of its code, and the key of its result',
  async run({ root, modules }, options) {
    const question: Modules = { module: writeModules(join(root, 'many-files')), before: modules.hello, root, steps: STEPS };
    await wait(SETTLED_MS);
    const warm: number[] = [];
    const contenders = [
      {
        name: COLD,
        async measure() {
          const helper = await startHelper<Modules, ColdAndWarm>(new URL('./identity/cold-and-warm.ts', import.meta.url));
          try {
            const took = await helper.ask(question);
            warm.push(took.warm);
            return took.cold;
          } finally {
            await helper.end();
          }
        },
      },
      { name: KEY, measure: () => cacheKeys(modules.fanOut, KEYS) },
    ];
    const values = await interleave(contenders, { ...options, warmUp: 1 });
    return {
      measurements: [
        { what: COLD, unit: 'ms', values: values.get(COLD) ?? [], goal: GOALS.cold },
        { what: 'the same again', unit: 'ms', values: warm.slice(1), goal: GOALS.warm },
        { what: KEY, unit: 'ms', values: values.get(KEY) ?? [] },
      ],
      notes: ['Loading the modules and the libraries is not counted.'],
    };
  },
};
