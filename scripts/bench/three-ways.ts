import { checkRun, launchRun } from '../../launch.ts';
import { findPipeline, loadModule } from '../../loader/index.ts';
import { createWorker } from '../../workers/index.ts';
import type { BenchOptions, Measurement, Ratio, Report } from './benchmark.ts';
import { NOTHING_QUEUE, startHandWritten, WORK_QUEUE } from './hand-written/worker.ts';
import type { Task } from './hand-written/workflows.ts';
import { type Contender, elapsed, interleave, ratios } from './sampling.ts';
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
export async function threeWays(workspace: Workspace, shape: Shape, { rounds, say }: BenchOptions): Promise<Report> {
  const { pipeline } = findPipeline(await loadModule(shape.module));
  const launchable = { pipeline, module: shape.module };
  const { session } = workspace;
  const { codeHash } = await checkRun(session, launchable, { params: { seed: 0 } });
  const worker = await createWorker({
    project: session.project,
    temporal: session.services.temporal,
    databaseUrl: session.services.postgres.url,
    pipelines: [launchable],
    log: (level, message) => say(`${level}: ${message}`),
  });
  const running = worker.run();
  running.catch(() => {});
  const handWritten = await startHandWritten(workspace);
  const task = (seed: number): Task => ({ module: shape.module, pipeline: pipeline.name, steps: shape.steps, seed });
  const last = `value_${shape.steps - 1}`;

  const flowyml = async (seed: number): Promise<unknown> => {
    const { result } = await launchRun(session, launchable, { params: { seed }, codeHash });
    const { status, steps } = await result;
    return status === 'succeeded' ? steps[`step_${shape.steps - 1}`]?.outputs[last]?.value : status;
  };
  const byHand = (type: string, taskQueue: string) => async (seed: number) =>
    session.temporal.client.workflow.execute(type, { workflowId: `${type}-${seed}`, taskQueue, args: [task(seed)] });
  const contenders: Contender[] = [
    contender(FLOWYML, shape.steps, flowyml),
    contender(SAME_WORK, shape.steps, byHand(shape.work, WORK_QUEUE)),
    contender(NO_WORK, shape.steps, byHand(shape.nothing, NOTHING_QUEUE)),
  ];
  try {
    const values = await interleave(contenders, { rounds, warmUp: shape.warmUp, onRound: say });
    const { overWork, overNothing } = shape.goals;
    return {
      measurements: contenders.map(({ name }): Measurement => ({ what: name, unit: 'ms/step', values: values.get(name) ?? [] })),
      ratios: [
        ratio(values, SAME_WORK, overWork),
        ratio(values, NO_WORK, overNothing),
        { what: `${SAME_WORK} / ${NO_WORK}`, values: ratios(values, SAME_WORK, NO_WORK) },
      ],
    };
  } finally {
    worker.shutdown();
    await Promise.allSettled([running, handWritten.stop()]);
  }
}

// Each run has a seed of its own, so that no value was ever made before, and all that is made is far from the next seed's.
let seeds = 0;

function contender(name: string, steps: number, run: (seed: number) => Promise<unknown>): Contender {
  return {
    name,
    async measure() {
      const seed = ++seeds * 1_000_000;
      let result: unknown;
      const ms = await elapsed(async () => {
        result = await run(seed);
      });
      // A figure of something that went wrong would look like any other.
      if (result !== seed + steps - 1) throw new Error(`${name} gave ${String(result)} instead of ${seed + steps - 1}`);
      return ms / steps;
    },
  };
}

function ratio(values: ReadonlyMap<string, readonly number[]>, to: string, goal: number | undefined): Ratio {
  return { what: `${FLOWYML} / ${to}`, values: ratios(values, FLOWYML, to), ...(goal === undefined ? {} : { goal }) };
}
