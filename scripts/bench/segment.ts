import type { Benchmark } from './benchmark.ts';
import { cpuMeter } from './cpu-meter.ts';
import type { ChainAnswer, ChainTask } from './dbos/chain.ts';
import { startHelper } from './helper.ts';
import { type Contender, elapsed, interleave, ratios } from './sampling.ts';
import { newSeed } from './seeds.ts';
import { serve } from './served.ts';
import type { Workspace } from './workspace.ts';

const STEPS = 100;
const FLOWYML = 'flowyml, one task';
const DBOS = 'DBOS';
const GOAL_MS = 1.5;

export const segment: Benchmark = {
  name: 'segment',
  title: 'A chain of 100 no-op steps in a group with `colocate`, beside a DBOS workflow of 100 steps on the same PostgreSQL server',
  async run(workspace, options) {
    const dbos = await startHelper<ChainTask, ChainAnswer>(new URL('./dbos/chain.ts', import.meta.url), [databaseOf(workspace)]);
    const served = await serve(workspace, workspace.modules.segment, options.say);
    const cpu = await cpuMeter(workspace.root, STEPS);
    const contenders: Contender[] = [
      {
        name: FLOWYML,
        async measure() {
          const seed = newSeed();
          let runId = '';
          const used = cpu.start(FLOWYML);
          const ms = await elapsed(async () => {
            const result = await served.run({ seed });
            runId = result.runId;
            check(FLOWYML, seed, result.steps[`step_${STEPS - 1}`]?.outputs[`value_${STEPS - 1}`]?.value);
          });
          used();
          const tasks = await tasksOf(workspace, runId);
          if (tasks !== 1) throw new Error(`the chain took ${tasks} tasks instead of one`);
          return ms / STEPS;
        },
      },
      {
        name: DBOS,
        async measure() {
          const seed = newSeed();
          const used = cpu.start(DBOS);
          const { result, ms } = await dbos.ask({ steps: STEPS, seed });
          used();
          check(DBOS, seed, result);
          return ms / STEPS;
        },
      },
    ];
    try {
      const values = await interleave(contenders, { ...options, warmUp: 3 });
      return {
        measurements: [
          { what: FLOWYML, unit: 'ms/step', values: values.get(FLOWYML) ?? [], goal: GOAL_MS },
          { what: DBOS, unit: 'ms/step', values: values.get(DBOS) ?? [] },
          ...[FLOWYML, DBOS].flatMap((name) => cpu.measurements(name, options.rounds)),
        ],
        ratios: [{ what: `${FLOWYML} / ${DBOS}`, values: ratios(values, FLOWYML, DBOS), goal: 1 }],
        notes: [
          'flowyml: from a client through Temporal, each step in a step process, cache on and cold. DBOS: a call in its own process, steps in it, no cache; its process counts as `steps`.',
        ],
      };
    } finally {
      await Promise.allSettled([served.stop(), dbos.end()]);
    }
  },
};

/** A database of DBOS's own on the workspace's server; DBOS makes it. */
function databaseOf({ session }: Workspace): string {
  const url = new URL(session.services.postgres.url);
  url.pathname = '/dbos_bench';
  return url.href;
}

async function tasksOf({ session }: Workspace, runId: string): Promise<number> {
  const { events } = await session.temporal.client.workflow.getHandle(runId).fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes).length;
}

// A figure of something that went wrong would look like any other.
function check(name: string, seed: number, result: unknown): void {
  const expected = seed + STEPS - 1;
  if (result !== expected) throw new Error(`${name} gave ${String(result)} instead of ${expected}`);
}
