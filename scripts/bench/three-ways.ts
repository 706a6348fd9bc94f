import { checkRun, launchRun } from '../../launch.ts';
import { findPipeline, loadModule } from '../../loader/index.ts';
import { servicesStatus } from '../../services/index.ts';
import { createWorker } from '../../workers/index.ts';
import type { BenchOptions, Measurement, Ratio, Report } from './benchmark.ts';
import { NOTHING_QUEUE, startHandWritten, WORK_QUEUE } from './hand-written/worker.ts';
import type { Task } from './hand-written/workflows.ts';
import { type CpuUse, cpuUse } from './proc.ts';
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
  const cpu = await cpuMeter(workspace.root, shape.steps);
  const contenders: Contender[] = [
    contender(FLOWYML, shape.steps, flowyml, cpu),
    contender(SAME_WORK, shape.steps, byHand(shape.work, WORK_QUEUE), cpu),
    contender(NO_WORK, shape.steps, byHand(shape.nothing, NOTHING_QUEUE), cpu),
  ];
  try {
    const values = await interleave(contenders, { rounds, warmUp: shape.warmUp, onRound: say });
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
    worker.shutdown();
    await Promise.allSettled([running, handWritten.stop()]);
  }
}

// Each run has a seed of its own, so that no value was ever made before, and all that is made is far from the next seed's.
let seeds = 0;

function contender(name: string, steps: number, run: (seed: number) => Promise<unknown>, cpu: CpuMeter): Contender {
  return {
    name,
    async measure() {
      const seed = ++seeds * 1_000_000;
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

interface CpuMeter {
  /** Starts to count; what it gives ends that. */
  start(name: string): () => void;
  measurements(name: string, rounds: number): Measurement[];
}

/** Counts the CPU time that a contender costs everywhere: it hardly swings with what else the machine does. */
async function cpuMeter(root: string, steps: number): Promise<CpuMeter> {
  const { temporal, postgres } = await servicesStatus({ root });
  const now = () => cpuUse({ temporal: temporal.pid, postgres: postgres.pid });
  const used = new Map<string, CpuUse[]>();
  return {
    start(name) {
      const from = now();
      return () => {
        const to = now();
        if (!from || !to) return;
        const since = (who: keyof CpuUse) => (to[who] - from[who]) / steps;
        const use = { worker: since('worker'), steps: since('steps'), temporal: since('temporal'), postgres: since('postgres') };
        used.set(name, [...(used.get(name) ?? []), use]);
      };
    },
    measurements(name, rounds) {
      const counted = used.get(name)?.slice(-rounds);
      if (!counted) return [];
      const of = (what: string, value: (use: CpuUse) => number): Measurement => ({
        what: `CPU, ${name}: ${what}`,
        unit: 'ms/step',
        values: counted.map(value),
      });
      return [
        of('all processes', ({ worker, steps, temporal, postgres }) => worker + steps + temporal + postgres),
        ...(['worker', 'steps', 'temporal', 'postgres'] as const).map((who) => of(who, (use) => use[who])),
      ];
    },
  };
}
