import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const numbers = z.array(z.number());
const load = step({ name: 'load', outputs: { data: numbers } }, () => [3, 4]);
const addUp = step({ name: 'add_up', inputs: { data: numbers }, outputs: { total: z.number() } }, ({ data }) =>
  data.reduce((sum, n) => sum + n, 0),
);

const result = await run(pipeline('sums', { steps: [load, addUp] }));
const complaint = async (ask: () => unknown) => {
  try {
    return await ask();
  } catch (error) {
    return (error as Error).message;
  }
};

console.log(
  JSON.stringify({
    runId: result.runId,
    pipelineName: result.pipelineName,
    success: result.success,
    status: result.status,
    outputs: result.outputs,
    steps: result.steps,
    durationMs: result.durationMs,
    summary: result.summary(),
    json: result.toJSON(),
    asJson: result,
    output: await result.output('total'),
    step: result.step('add_up'),
    noOutput: await complaint(() => result.output('totl')),
    noStep: await complaint(() => result.step('add_op')),
  }),
);
