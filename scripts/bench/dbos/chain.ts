import { DBOS } from '@dbos-inc/dbos-sdk';
import { answer } from '../helper.ts';

// A process of its own: DBOS keeps its state in globals, and its way of ending a process is not ours.

export interface ChainTask {
  steps: number;
  seed: number;
}

export interface ChainAnswer {
  result: number;
  ms: number;
}

const chain = DBOS.registerWorkflow(
  async ({ steps, seed }: ChainTask) => {
    let value = seed - 1;
    for (let i = 0; i < steps; i++) {
      const before = value;
      value = await DBOS.runStep(async () => before + 1, { name: `step_${i}` });
    }
    return value;
  },
  { name: 'chain' },
);

// Deprecations in how DBOS uses its driver are not for the reader of figures.
process.removeAllListeners('warning');

const [systemDatabaseUrl = ''] = process.argv.slice(2);
DBOS.setConfig({ name: 'bench', systemDatabaseUrl, logLevel: 'error' });
await DBOS.launch();

answer(async (task: ChainTask): Promise<ChainAnswer> => {
  const from = performance.now();
  const result = await chain(task);
  return { result, ms: performance.now() - from };
});
