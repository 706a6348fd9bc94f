import { findPipeline, loadModule } from '../../loader/index.ts';
import type { BenchOptions, Measurement, Ratio, Report } from './benchmark.ts';
import { type CpuMeter, cpuMeter } from './cpu-meter.ts';
import { NOTHING_QUEUE, startHandWritten, WORK_QUEUE } from './hand-written/worker.ts';
import type { Task } from './hand-written/workflows.ts';
import { type Contender, elapsed, interleave, ratios } from './sampling.ts';
import { newSeed } from './seeds.ts';
import { serve } from './served.ts';
import type { Workspace } from './workspace.ts';

const FLOWYML = 'flowyml';
const SAME_WORK = 'hand-written, same work';
const NO_WORK = 'hand-written, no-op activity';

export interface Shape {
  /** The module of the pipeline, and how many steps it has. */
  module: string;
  steps: number;
  /** The hand-written workflows of this shape. */
  work: string;
  nothing: string;
  warmUp: number;
  goals: { overWork?: number; overNothing?: number };
}

/**
 * The same steps three ways on one server: as a flowyml pipeline; by a hand-written workflow whose activity does the same
 * work; and by one whose activity does nothing. Each is timed from the client's call to the result in its hands.
 */
export async function threeWays(workspace: Workspace, shape: Shape, options: BenchOptions): Promise<Report> {
  const { rounds, say } = options;
  const { module, steps } = shape;
  const { pipeline } = findPipeline(await loadModule(module));
  const task = (seed: number): Task => ({ module, pipeline: pipeline.name, steps, seed });
  const served = await serve(workspace, module, say);
  const handWritten = await startHandWritten(workspace);

  const flowyml = async (seed: number): Promise<unknown> => {
    const result = await served.run({ seed });
    return result.status === 'succeeded' ? result.steps[`step_${steps - 1}`]?.outputs[`value_${steps - 1}`]?.value : result.status;
  };
  const byHand = (type: string, taskQueue: string) => async (seed: number) =>
    workspace.session.temporal.client.workflow.execute(type, { workflowId: `${type}-${seed}`, taskQueue, args: [task(seed)] });
  const cpu = await cpuMeter(workspace.root, steps);
  const contenders: Contender[] = [
    contender(FLOWYML, steps, flowyml, cpu),
    contender(SAME_WORK, steps, byHand(shape.work, WORK_QUEUE), cpu),
    contender(NO_WORK, steps, byHand(shape.nothing, NOTHING_QUEUE), cpu),
  ];
  try {
    const values = await interleave(contenders, { ...options, warmUp: shape.warmUp });
    const { overWork, overNothing } = shape.goals;
    return {
      measurements: [
        ...contenders.map(({ name }): Measurement => ({ what: name, unit: 'ms/step', values: values.get(name) ?? [] })),
        ...contenders.flatMap(({ name }) => cpu.measurements(name, rounds)),
      ],
      ratios: [
        ratio(values, SAME_WORK, overWork),
        ratio(values, NO_WORK, overNothing),
        { what: `${SAME_WORK} / ${NO_WORK}`, values: ratios(values, SAME_WORK, NO_WORK) },
      ],
    };
  } finally {
    await Promise.allSettled([served.stop(), handWritten.stop()]);
  }
}

function contender(name: string, steps: number, run: (seed: number) => Promise<unknown>, cpu: CpuMeter): Contender {
  return {
    name,
    async measure() {
      const seed = newSeed();
      let result: unknown;
      const used = cpu.start(name);
      const ms = await elapsed(async () => {
        result = await run(seed);
      });
      used();
      // A figure of something that went wrong would look like any other.
      if (result !== seed + steps - 1) throw new Error(`${name} gave ${String(result)} instead of ${seed + steps - 1}`);
      return ms / steps;
    },
  };
}

function ratio(values: ReadonlyMap<string, readonly number[]>, to: string, goal: number | undefined): Ratio {
  return { what: `${FLOWYML} / ${to}`, values: ratios(values, FLOWYML, to), ...(goal === undefined ? {} : { goal }) };
}
