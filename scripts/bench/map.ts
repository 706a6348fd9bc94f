import type { Benchmark, Measurement } from './benchmark.ts';
import { elapsed, interleave, spread } from './sampling.ts';
import { newSeed } from './seeds.ts';
import { serve } from './served.ts';
import type { Workspace } from './workspace.ts';

const ITEMS = 10_000;
const MORE_ITEMS = 100_000;
const GOAL_MS = 5000;
const GOAL_EVENTS = 500;
// What a single measurement with more items may be expected to take.
const PATIENCE_MS = 60_000;

export const map: Benchmark = {
  name: 'map',
  title: 'A map of 10,000 small items, cache on and cold, and the step that lists them: from the call to the result',
  async run(workspace, options) {
    const served = await serve(workspace, workspace.modules.map, options.say, { seed: 0, count: 1 });
    const events: number[] = [];
    const measure = async (count: number) => {
      const seed = newSeed();
      let runId = '';
      const ms = await elapsed(async () => {
        const { steps, ...run } = await served.run({ seed, count });
        const { items = 0, failed = 0, cached = 0 } = steps.double?.map ?? {};
        if (run.status !== 'succeeded' || items !== count || failed || cached) {
          throw new Error(`the map ended as ${run.status}: ${items} items, ${failed} failed, ${cached} from the cache`);
        }
        runId = run.runId;
      });
      return { ms, events: await eventsOf(workspace, runId) };
    };
    const contender = {
      name: 'map',
      async measure() {
        const measured = await measure(ITEMS);
        events.push(measured.events);
        return measured.ms;
      },
    };
    try {
      const values = (await interleave([contender], { ...options, warmUp: 1 })).get('map') ?? [];
      const measurements: Measurement[] = [
        { what: '10,000 items', unit: 'ms', values, goal: GOAL_MS },
        { what: '10,000 items: history', unit: 'events', values: events.slice(1), goal: GOAL_EVENTS },
      ];
      if ((spread(values).median * MORE_ITEMS) / ITEMS < PATIENCE_MS) {
        const more = await measure(MORE_ITEMS);
        measurements.push({ what: '100,000 items', unit: 'ms', values: [more.ms] });
        measurements.push({ what: '100,000 items: history', unit: 'events', values: [more.events] });
      }
      return { measurements };
    } finally {
      await served.stop();
    }
  },
};

async function eventsOf({ session }: Workspace, runId: string): Promise<number> {
  return (await session.temporal.client.workflow.getHandle(runId).describe()).historyLength;
}
