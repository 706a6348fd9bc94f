import { by, type Facts, workerPid } from './facts.ts';
import type { Kill } from './kills.ts';
import { BATCH } from './shapes.ts';

/** A map's ends stand under the batch, its entries in the ledger under the item. */
const indexOf = (step: string, item: number) => (step === 'square' ? Math.floor(item / BATCH) : -1);

/** The attempts of a fallback stand under -2, its end with the step. */
const FALLBACK = -2;

/** All that the promises forbid: a step that ran after its commit, attempts that nothing explains. Empty if they were kept. */
export function problems(facts: Facts, kills: readonly Kill[]): string[] {
  return [...ranAgain(facts), ...badCommits(facts), ...badAttempts(facts, kills), ...openRows(facts)];
}

/** No function starts once its step's end stands; none starts twice in one attempt. */
function ranAgain({ steps, ledger }: Facts): string[] {
  const ends = new Map(steps.map((row) => [`${row.runId} ${row.step} ${row.index}`, row.endedAt.getTime()]));
  const starts = ledger.filter(({ event }) => event === 'start' || event === 'stands in');
  const late = starts.filter(({ tag, step, item, at }) => at > (ends.get(`${tag} ${step} ${indexOf(step, item)}`) ?? Infinity));
  const seen = by(
    // An item's attempts begin anew with those of its batch.
    starts.filter(({ item, event }) => item < 0 && event === 'start'),
    ({ tag, step, attempt }) => `${tag} ${step}, attempt ${attempt}`,
  );
  return [
    ...late.map((entry) => `started after its commit: ${JSON.stringify(entry)}`),
    ...[...seen].filter(([, entries]) => entries.length > 1).map(([what, entries]) => `started ${entries.length} times: ${what}`),
  ];
}

/** Each success was made by an attempt that came to its end before, and says so. */
function badCommits({ steps, attempts, ledger }: Facts): string[] {
  const told = new Set(ledger.filter(({ event }) => event === 'end').map(({ tag, step, attempt }) => `${tag} ${step} ${attempt}`));
  const tries = by(attempts, ({ runId, step, index }) => `${runId} ${step} ${index}`);
  return steps.flatMap((row) => {
    if (row.status !== 'succeeded' || row.facts?.approval || (row.step === 'square' && row.index < 0)) return [];
    const index = row.facts?.fallback ? FALLBACK : row.index;
    const made = (tries.get(`${row.runId} ${row.step} ${index}`) ?? []).filter(({ status }) => status === 'succeeded');
    const what = `${row.runId} ${row.step} ${row.index}`;
    if (made.length !== 1) return [`${made.length} successful attempts: ${what}`];
    if (index === -1 && !told.has(`${row.runId} ${row.step} ${made[0]?.attempt}`)) return [`committed without its end: ${what}`];
    return [];
  });
}

/** A lost worker uses up no attempt; whatever used one up was the step's error, or its own process that was killed. */
function badAttempts({ attempts }: Facts, kills: readonly Kill[]): string[] {
  const found: string[] = [];
  const children = kills.filter(({ victim }) => victim === 'child');
  const gone = new Set(kills.filter(({ victim }) => victim === 'worker').map(({ pid }) => pid));
  for (const row of attempts) {
    const what = `${row.runId} ${row.step} ${row.index}, attempt ${row.attempt} (${row.status}${row.error ? `: ${row.error.type}: ${row.error.message}` : ''})`;
    const type = row.error?.type;
    if (row.status === 'lost') {
      if (row.counted) found.push(`used up by a lost worker: ${what}`);
      if (!gone.has(workerPid(row.worker))) found.push(`lost, though its worker was not killed: ${what}`);
    } else if (row.status === 'failed' && type === 'StepProcessDied') {
      const killed = children.findIndex(
        ({ parent, at }) => parent === workerPid(row.worker) && (row.endedAt?.getTime() ?? 0) >= at && row.startedAt.getTime() <= at + 1000,
      );
      if (killed < 0) found.push(`no process of it was killed: ${what}`);
      else children.splice(killed, 1);
      if (!/^the process of step '.+' was killed \(SIGKILL\)/.test(row.error?.message ?? '')) found.push(`unclear: ${what}`);
    } else if (row.status === 'failed' && type !== 'RangeError') found.push(`failed for another reason: ${what}`);
    else if (row.status === 'cancelled' && row.counted) found.push(`used up by an interruption: ${what}`);
  }
  return found;
}

function openRows({ attempts, runs }: Facts): string[] {
  return [
    ...attempts
      .filter(({ status }) => status === 'running')
      .map((row) => `still running: ${row.runId} ${row.step}, attempt ${row.attempt}`),
    ...runs.filter(({ endedAt }) => !endedAt).map((row) => `still ${row.status}: ${row.runId}`),
  ];
}
