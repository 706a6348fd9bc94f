import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { newRunId } from '../../client/runs.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import { problems } from './checks.ts';
import { readFacts } from './facts.ts';
import { type Kill, Killer } from './kills.ts';
import { Plant } from './plant.ts';
import { type Random, random } from './random.ts';
import { approve, essence, resultOf, start } from './runs.ts';
import { runStalls, type Stall, stepStalls, worst } from './stalls.ts';

const SHAPES = ['chain', 'diamond', 'map', 'gated', 'segment', 'retries', 'condition', 'fallback'];

export interface StormOptions {
  kills: number;
  seed: number;
  say?: (line: string) => void;
  /** How many runs are under way at once. */
  runs?: number;
  /** Ends the killing early. */
  signal?: AbortSignal | undefined;
}

export interface StormReport {
  kills: Kill[];
  runs: number;
  /** What the promises forbid, and happened. */
  problems: string[];
  worst: { step: Stall; run: Stall };
  seconds: number;
  /** Where all can be looked at, if something went wrong. */
  root: string;
}

/** DESIGN §8: the heartbeat timeout of 10 s, and 2 s; beside the work of the few steps that are in front of it. */
export const LIMIT_MS = 12_000;
const WORK_MS = 3000;

/** How long the last runs may take to end once nothing is killed any more. */
const TAIL_MS = 60_000;

/** Runs pipelines of all shapes while their processes are killed, and looks whether anybody could tell from what they made. */
export async function storm({ kills, seed, say = () => {}, runs: width = 6, signal }: StormOptions): Promise<StormReport> {
  const began = Date.now();
  const plant = new Plant({ modules: ['shapes.ts'] });
  const killer = new Killer(plant, seed, say);
  const found: string[] = [];
  let keep = true;
  try {
    await plant.ensure();
    killer.keepWorkers(2);
    const undisturbed = await undisturbedRuns(plant);
    say(`${undisturbed.size} runs undisturbed; ${kills} kills follow`);

    let killing = true;
    let started = undisturbed.size;
    const lane = async (own: Random) => {
      let bag: string[] = [];
      while (killing) {
        if (!bag.length) bag = own.shuffle(SHAPES);
        const shape = bag.pop() as string;
        started++;
        const result = await runOne(plant, shape, own).catch((error: Error) => error);
        found.push(...unlike(shape, result, undisturbed.get(shape)));
      }
    };
    const lanes = Array.from({ length: width }, (_, i) => lane(random(seed + 200 + i)));
    const pause = random(seed + 300);
    for (let i = 0; i < kills && !signal?.aborted; i++) {
      await sleep(pause.between(100, 2200));
      await killer.kill();
    }
    killing = false;
    await killer.stop();
    const late = sleep(TAIL_MS, 'late', { ref: false });
    if ((await Promise.race([Promise.all(lanes), late])) === 'late')
      found.push(`runs had not ended ${TAIL_MS / 1000} s after the last kill`);

    await plant.stopWorkers();
    const facts = await readFacts(plant);
    const stalls = { step: worst(stepStalls(facts, killer.kills)), run: worst(runStalls(facts, killer.kills)) };
    for (const [whose, { ms, what }] of Object.entries(stalls)) {
      if (ms > LIMIT_MS + WORK_MS) found.push(`a ${whose} stood still for ${ms} ms: ${what}`);
    }
    found.push(...killer.complaints, ...problems(facts, killer.kills));
    found.push(...(await plant.leftovers()).map((process) => `left behind: process ${process}`));
    found.push(
      ...readdirSync(plant.temp)
        .filter((name) => /^flowyml-(step|log)-/.test(name))
        .map((name) => `left behind: ${name}`),
    );
    keep = found.length > 0;
    return { kills: killer.kills, runs: started, problems: found, worst: stalls, seconds: (Date.now() - began) / 1000, root: plant.root };
  } finally {
    await plant.close({ keep });
  }
}

/** What each shape makes if nobody is killed. */
async function undisturbedRuns(plant: Plant): Promise<Map<string, unknown>> {
  const own = random(1);
  const results = await Promise.all(SHAPES.map(async (shape) => [shape, essence(await runOne(plant, shape, own))] as const));
  return new Map(results);
}

async function runOne(plant: Plant, shape: string, own: Random): Promise<RunResult> {
  const runId = newRunId(shape);
  const wait = own.between(0, 3000);
  const way = own.next() < 0.5 ? 'update' : 'signal';
  const handle = await start(plant, shape, { tag: runId }, runId);
  const result = resultOf(plant, handle);
  if (shape === 'gated') await Promise.race([result, approve(plant, runId, 'review', way, wait)]);
  return result;
}

/** In what a run's result differs from the undisturbed one's. */
function unlike(shape: string, result: RunResult | Error, expected: unknown): string[] {
  if (result instanceof Error)
    return [`a run of '${shape}' has no result: ${result.message}: ${(result.cause as Error | undefined)?.message ?? ''}`];
  // The error that its fallback stands in for: of its two attempts, the last may have been killed.
  const { hopeless } = result.steps;
  if (hopeless?.error?.type === 'StepProcessDied') hopeless.error = { type: 'RangeError', message: 'no luck' };
  // Its steps have one attempt each, which the kill of their own process uses up.
  const failed = Object.values(result.steps).find(({ status }) => status === 'failed');
  if (shape === 'chain' && failed?.error?.type === 'StepProcessDied') return [];
  const [is, was] = [JSON.stringify(essence(result)), JSON.stringify(expected)];
  return is === was ? [] : [`run ${result.runId} differs from an undisturbed one:\n  ${is}\n  ${was}`];
}
