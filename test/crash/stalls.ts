import { by, type Facts } from './facts.ts';
import type { Kill } from './kills.ts';

/** How long something stood still though all that it needed was back. */
export interface Stall {
  ms: number;
  what: string;
}

/** How long each step waited between the loss of an attempt and its next one, from the last kill or return that matters to it. */
export function stepStalls({ attempts }: Facts, kills: readonly Kill[]): Stall[] {
  const tries = by(attempts, ({ runId, step, index }) => `${runId} ${step} ${index}`);
  return [...tries].flatMap(([what, rows]) =>
    rows.slice(1).flatMap((row, i) => {
      const before = rows[i];
      if (before?.status !== 'lost') return [];
      const [began, next] = [before.startedAt.getTime(), row.startedAt.getTime()];
      // Of workers, those that were killed meanwhile: one of them may have had it after its own. Whichever is back may take it.
      const workers = kills.filter(({ victim, at }) => victim === 'worker' && at > began && at < next);
      const since = workers.map(({ at, backAt }) => (backAt !== undefined && backAt < next ? backAt : at));
      return [
        { ms: next - Math.max(began, ...since, lastReturn(kills, began, next, ['temporal', 'postgres'])), what: `${what} ${row.attempt}` },
      ];
    }),
  );
}

/** The longest time in which nothing happened in each run, from the last return of anything. Waits for people do not count. */
export function runStalls({ runs, steps, attempts, ledger }: Facts, kills: readonly Kill[]): Stall[] {
  const signs = by(
    [
      ...runs.flatMap(({ runId, startedAt, endedAt }) =>
        [startedAt, ...(endedAt ? [endedAt] : [])].map((at) => ({ runId, at: at.getTime() })),
      ),
      ...steps.map(({ runId, endedAt }) => ({ runId, at: endedAt.getTime() })),
      ...attempts.map(({ runId, startedAt }) => ({ runId, at: startedAt.getTime() })),
      ...ledger.map(({ tag, at }) => ({ runId: tag, at })),
    ],
    ({ runId }) => runId,
  );
  const decided = new Set(steps.filter(({ facts }) => facts?.approval).map(({ runId, endedAt }) => `${runId} ${endedAt.getTime()}`));
  return [...signs].map(([runId, events]) => {
    const times = events.map(({ at }) => at).sort((a, b) => a - b);
    const gaps = times.slice(1).map((at, i) => {
      const before = times[i] ?? at;
      return decided.has(`${runId} ${at}`) ? 0 : at - Math.max(before, lastReturn(kills, before, at));
    });
    return { ms: Math.max(0, ...gaps), what: runId };
  });
}

const ALL: readonly Kill['victim'][] = ['worker', 'child', 'temporal', 'postgres'];

function lastReturn(kills: readonly Kill[], from: number, to: number, victims = ALL): number {
  const within = kills.filter(
    ({ victim, at, backAt }) => victims.includes(victim) && at < to && backAt !== undefined && backAt > from && backAt <= to,
  );
  return Math.max(0, ...within.map(({ backAt = 0 }) => backAt));
}

export const worst = (stalls: readonly Stall[]): Stall => stalls.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, what: 'nothing' });
