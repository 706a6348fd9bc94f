import { servicesStatus } from '../../services/index.ts';
import type { Measurement } from './benchmark.ts';
import { type CpuUse, cpuUse } from './proc.ts';

export interface CpuMeter {
  /** Starts to count; what it gives ends that. */
  start(name: string): () => void;
  /** What the last `rounds` of a name used, a step; nothing where the system does not tell. */
  measurements(name: string, rounds: number): Measurement[];
}

/** Counts the CPU time that something costs everywhere: it hardly swings with what else the machine does. */
export async function cpuMeter(root: string, steps: number): Promise<CpuMeter> {
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
