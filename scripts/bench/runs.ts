import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRun, launchRun } from '../../launch.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { peakMB } from './proc.ts';
import { type CommandLine, commandLines, start } from './processes.ts';
import { elapsed, interleave } from './sampling.ts';
import { newSeed } from './seeds.ts';
import { client } from './served.ts';
import type { Workspace } from './workspace.ts';

const RUNS = 1000;
const STEPS = ['first', 'second', 'third'];
const GOAL_MB = 500;
// A round takes more than half a minute.
const MOST_ROUNDS = 3;

export const runs: Benchmark = {
  name: 'runs',
  title: '1,000 runs of a pipeline of 3 steps, started at once with the same params: one worker, cache on and cold',
  async run(workspace, options) {
    const [command] = commandLines(options.dist);
    if (!command) return { measurements: [] };
    const computed: number[] = [];
    const peaks: number[] = [];
    const contender = {
      name: 'runs',
      async measure() {
        const round = await startAll(workspace, command, newSeed());
        computed.push(round.computed);
        if (round.peak !== undefined) peaks.push(round.peak);
        return round.seconds;
      },
    };
    const values = await interleave([contender], { ...options, rounds: Math.min(MOST_ROUNDS, options.rounds), warmUp: 0 });
    const measurements: Measurement[] = [
      { what: 'all runs', unit: 's', values: values.get('runs') ?? [] },
      { what: 'the step whose function was called most', unit: 'times', values: computed, goal: 1 },
    ];
    if (peaks.length) measurements.push({ what: `worker (${command.name}) at its peak`, unit: 'MB', values: peaks, goal: GOAL_MB });
    return { measurements };
  },
};

interface Round {
  seconds: number;
  /** How often the function of that step was called that was called most. */
  computed: number;
  /** The memory of the worker, in MB. */
  peak: number | undefined;
}

/** By a worker of its own each time: its memory is that of these runs. */
async function startAll(workspace: Workspace, command: CommandLine, seed: number): Promise<Round> {
  const { root, session, modules } = workspace;
  const { launchable } = await client(workspace, modules.threeSteps);
  const request = { params: { seed } };
  const { codeHash } = await checkRun(session, launchable, request);
  const worker = start(command, ['worker', modules.threeSteps], root);
  try {
    await worker.until(' serves ');
    const lost = worker.ended.then(({ stderr }) => Promise.reject(new Error(`the worker has ended:\n${stderr}`)));
    const oneRun = async () => {
      const { result } = await launchRun(session, launchable, { ...request, codeHash });
      const { status, runId } = await result;
      if (status !== 'succeeded') throw new Error(`run ${runId} ended as ${status}`);
    };
    const ms = await elapsed(() => Promise.race([Promise.all(Array.from({ length: RUNS }, oneRun)), lost]));
    const peak = worker.child.pid === undefined ? undefined : peakMB(worker.child.pid);
    return { seconds: ms / 1000, computed: mostCalled(join(root, `called-${seed}.txt`)), peak };
  } finally {
    worker.child.kill('SIGTERM');
    await worker.ended;
  }
}

function mostCalled(file: string): number {
  const names = readFileSync(file, 'utf8').split('\n');
  const counts = STEPS.map((name) => names.filter((each) => each === name).length);
  if (counts.includes(0)) throw new Error(`not every step was computed: ${counts.join(', ')}`);
  return Math.max(...counts);
}
