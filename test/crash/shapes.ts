import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { approval, mapStep, pipeline, type StepRun, step } from 'flowyml';
import { z } from 'zod';

// What the crash suite runs: a pipeline of each shape, whose steps tell the ledger that they start and end. Copied into the
// project of each suite. Every step takes `tag`, the run's own: it names the run to the ledger, and makes each run's work new.

/** One line for each thing that happened: a single write in append mode, so a kill leaves all of it or nothing, and no twin. */
function tell(event: string, tag: string, step: string, attempt: number, item = -1): void {
  const line = JSON.stringify({ tag, step, item, attempt, event, pid: process.pid, at: Date.now() });
  // A line feed before it too: what a kill tore apart spoils nothing but itself.
  appendFileSync(process.env.CRASH_LEDGER as string, `\n${line}\n`);
}

/** How often a step of a run said this. */
function told(event: string, tag: string, step: string): number {
  const text = readFileSync(process.env.CRASH_LEDGER as string, 'utf8');
  return text.split(`"tag":"${tag}","step":"${step}",`).filter((part) => /^[^\n]*/.exec(part)?.[0].includes(`"event":"${event}"`)).length;
}

/** Takes from 20 to 240 ms, by the name of what is done. */
function nap(what: string): Promise<void> {
  let hash = 0;
  for (const letter of what) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return new Promise((resolve) => setTimeout(resolve, 20 + (hash % 220)));
}

/** A step's function between its start and its end in the ledger. */
function witnessed<A extends { tag: string }, R>(work: (args: A, run: StepRun) => R) {
  return async (args: A, run: StepRun): Promise<Awaited<R>> => {
    tell('start', args.tag, run.step, run.attempt, run.index);
    await nap(`${args.tag} ${run.step} ${run.attempt} ${run.index}`);
    const made = await work(args, run);
    tell('end', args.tag, run.step, run.attempt, run.index);
    return made;
  };
}

const n = z.number();
const params = { tag: z.string() };
const patient = { retry: { maxAttempts: 50, initialInterval: 30, backoff: 'fixed' as const } };

/** One attempt each: a lost worker must use up none. */
export const chain = pipeline('chain', {
  steps: [
    step(
      { name: 'one', params, outputs: { a: n } },
      witnessed(() => 1),
    ),
    step(
      { name: 'two', params, inputs: { a: n }, outputs: { b: n } },
      witnessed(({ a }) => a + 1),
    ),
    step(
      { name: 'three', params, inputs: { b: n }, outputs: { c: n } },
      witnessed(({ b }) => b * 10),
    ),
    step(
      { name: 'four', params, inputs: { c: n }, outputs: { d: n } },
      witnessed(({ c }) => c + 3),
    ),
  ],
});

/** With values that are kept in the artifact store, and a step that uses its own folder. */
export const diamond = pipeline('diamond', {
  retry: patient.retry,
  steps: [
    step(
      { name: 'source', params, outputs: { rows: z.array(n) } },
      witnessed(() => Array.from({ length: 3000 }, (_, i) => i * 7)),
    ),
    step({ name: 'left', params, inputs: { rows: z.array(n) }, outputs: { halves: z.array(n) } }, witnessed(halve)),
    step(
      { name: 'right', params, inputs: { rows: z.array(n) }, outputs: { sum: n } },
      witnessed(({ rows }) => rows.reduce((a, b) => a + b, 0)),
    ),
    step(
      { name: 'join', params, inputs: { halves: z.array(n), sum: n }, outputs: { all: n } },
      witnessed(({ halves, sum }) => halves.length + sum),
    ),
  ],
});

async function halve({ tag, rows }: { tag: string; rows: number[] }, run: StepRun): Promise<number[]> {
  writeFileSync(join(run.workDir, 'rows.json'), JSON.stringify(rows));
  await nap(`${tag} halve`);
  return (JSON.parse(readFileSync(join(run.workDir, 'rows.json'), 'utf8')) as number[]).map((row) => row / 2);
}

export const BATCH = 6;
export const map = pipeline('map', {
  retry: patient.retry,
  steps: [
    step(
      { name: 'list', params, outputs: { numbers: z.array(n) } },
      witnessed(() => Array.from({ length: 24 }, (_, i) => i)),
    ),
    mapStep(
      { name: 'square', items: 'numbers', item: n, params, outputs: { squares: n }, batchSize: BATCH, concurrency: 3 },
      witnessed(({ item }: { item: number; tag: string }) => item ** 2),
    ),
    step(
      { name: 'total', params, inputs: { squares: z.array(n) }, outputs: { sum: n } },
      witnessed(({ squares }) => squares.reduce((a, b) => a + b, 0)),
    ),
  ],
});

const review = approval({ name: 'review', after: ['before'], message: 'Ship it?' });
export const gated = pipeline('gated', {
  retry: patient.retry,
  steps: [
    step(
      { name: 'before', params, outputs: { made: n } },
      witnessed(() => 5),
    ),
    review,
    step(
      { name: 'beside', params, inputs: { made: n }, outputs: { other: n } },
      witnessed(({ made }) => made + 1),
    ),
    step(
      { name: 'ship', params, inputs: { made: n }, after: [review], outputs: { shipped: n } },
      witnessed(({ made }) => made * 2),
    ),
  ],
});

export const segment = pipeline('segment', {
  groups: { tiny: { colocate: true } },
  retry: patient.retry,
  steps: [
    step(
      { name: 's1', group: 'tiny', params, outputs: { s1_out: n } },
      witnessed(() => 1),
    ),
    step(
      { name: 's2', group: 'tiny', params, inputs: { s1_out: n }, outputs: { s2_out: n } },
      witnessed(({ s1_out }) => s1_out + 1),
    ),
    step(
      { name: 's3', group: 'tiny', params, inputs: { s2_out: n }, outputs: { s3_out: n } },
      witnessed(({ s2_out }) => s2_out + 1),
    ),
    step(
      { name: 'end', params, inputs: { s3_out: n }, outputs: { all: n } },
      witnessed(({ s3_out }) => s3_out * 100),
    ),
  ],
});

/** Fails twice, whichever attempts those are: what was lost with a worker has told nothing. */
export const retries = pipeline('retries', {
  steps: [
    step({ name: 'flaky', ...patient, params, outputs: { got: n } }, witnessed(flaky)),
    step(
      { name: 'use', ...patient, params, inputs: { got: n }, outputs: { used: n } },
      witnessed(({ got }) => got + 1),
    ),
  ],
});

function flaky({ tag }: { tag: string }, run: StepRun): number {
  if (told('fails', tag, run.step) < 2) {
    tell('fails', tag, run.step, run.attempt);
    throw new RangeError('not yet');
  }
  return 41;
}

export const condition = pipeline('condition', {
  retry: patient.retry,
  steps: [
    step(
      { name: 'look', params, outputs: { quality: n } },
      witnessed(() => 0.95),
    ),
    step(
      { name: 'good', params, inputs: { quality: n }, outputs: { trained: z.string() }, when: ({ quality }) => quality > 0.9 },
      witnessed(() => 'trained'),
    ),
    step(
      { name: 'poor', params, inputs: { quality: n }, outputs: { cleaned: z.string() }, when: ({ quality }) => quality <= 0.9 },
      witnessed(() => 'cleaned'),
    ),
    step(
      {
        name: 'merge',
        params,
        inputs: { trained: z.string().optional(), cleaned: z.string().optional() },
        outputs: { merged: z.string() },
      },
      witnessed(({ trained, cleaned }) => trained ?? cleaned ?? 'neither'),
    ),
    step(
      { name: 'needs_poor', params, inputs: { cleaned: z.string() } },
      witnessed(() => {}),
    ),
  ],
});

/** Two attempts, then the fallback. */
export const fallback = pipeline('fallback', {
  steps: [
    step(
      { name: 'start', ...patient, params, outputs: { a: n } },
      witnessed(() => 20),
    ),
    step(
      {
        name: 'hopeless',
        params,
        inputs: { a: n },
        outputs: { b: n },
        retry: { maxAttempts: 2, initialInterval: 30 },
        onFailure: (_, { a, tag }) => {
          tell('stands in', tag, 'hopeless', 0);
          return a + 1;
        },
      },
      witnessed(({ tag }, run): number => {
        tell('fails', tag, run.step, run.attempt);
        throw new RangeError('no luck');
      }),
    ),
    step(
      { name: 'after', ...patient, params, inputs: { b: n }, outputs: { c: n } },
      witnessed(({ b }) => b * 2),
    ),
  ],
});
