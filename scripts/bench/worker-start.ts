import type { Benchmark, Measurement } from './benchmark.ts';
import { memoryOf } from './proc.ts';
import { type CommandLine, commandLines, start } from './processes.ts';
import { interleave } from './sampling.ts';
import { client, firstStepBegan } from './served.ts';
import type { Workspace } from './workspace.ts';

export const workerStart: Benchmark = {
  name: 'worker',
  title: '`flowyml worker`: start, first step, memory',
  async run(workspace, options) {
    const commands = commandLines(options.dist).filter(({ name }) => name !== 'npx in a clone');
    const firstSteps = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
    const contenders = commands.map((command) => ({
      name: command.name,
      async measure() {
        const { serves, firstStep } = await startOnce(workspace, command);
        firstSteps.get(command.name)?.push(firstStep);
        return serves;
      },
    }));
    const serves = await interleave(contenders, { ...options, warmUp: 1 });
    const measurements = contenders.flatMap(({ name }): Measurement[] => [
      { what: `${name}: until it says that it serves`, unit: 'ms', values: serves.get(name) ?? [] },
      { what: `${name}: until the first step of a waiting run`, unit: 'ms', values: firstSteps.get(name)?.slice(1) ?? [] },
    ]);
    const [command] = commands;
    if (command) measurements.push(...(await memory(workspace, command, options.say)));
    return { measurements };
  },
};

/** Starts a worker for a run that waits for one, and ends it after the run. */
async function startOnce(workspace: Workspace, command: CommandLine): Promise<{ serves: number; firstStep: number }> {
  const { hello } = workspace.modules;
  const { start: startRun } = await client(workspace, hello);
  const result = startRun({ nonce: Date.now() });
  result.catch(() => {});
  const worker = start(command, ['worker', hello], workspace.root);
  const serves = await worker.until(' serves ');
  const firstStep = firstStepBegan(await result) - worker.startedAt;
  worker.child.kill('SIGTERM');
  await worker.ended;
  return { serves, firstStep };
}

const CHAINS = 10;
const FAN_OUTS = 3;

/** The memory of one worker: idle, and the most that was seen while it ran chains and fan-outs, and after them. */
async function memory(workspace: Workspace, command: CommandLine, say: (line: string) => void): Promise<Measurement[]> {
  const { root, modules } = workspace;
  const worker = start(command, ['worker', modules.hello, modules.chain, modules.fanOut], root);
  try {
    await worker.until(' serves ');
    const pid = worker.child.pid ?? 0;
    await runToEnd(modules.hello, { nonce: Date.now() });
    const idle = memoryOf(pid);
    if (!idle) return [];
    const peak = { own: idle.own, below: Math.max(...idle.below) };
    const watch = setInterval(() => {
      const now = memoryOf(pid);
      peak.own = Math.max(peak.own, now?.own ?? 0);
      peak.below = Math.max(peak.below, ...(now?.below ?? []));
    }, 100).unref();
    for (let i = 0; i < CHAINS; i++) await runToEnd(modules.chain, { seed: i });
    for (let i = 0; i < FAN_OUTS; i++) await runToEnd(modules.fanOut, { seed: i });
    clearInterval(watch);
    const after = memoryOf(pid) ?? idle;
    say(
      `memory (${command.name}): idle ${idle.own.toFixed(0)} MB, after ${CHAINS} chains and ${FAN_OUTS} fan-outs ${after.own.toFixed(0)} MB`,
    );
    const runs = `${CHAINS} chains and ${FAN_OUTS} fan-outs`;
    return [
      { what: `${command.name}: worker after one run`, unit: 'MB', values: [idle.own] },
      { what: `${command.name}: worker at most during ${runs}`, unit: 'MB', values: [peak.own] },
      { what: `${command.name}: each of its ${idle.below.length} step processes`, unit: 'MB', values: idle.below },
      { what: `${command.name}: a step process at most`, unit: 'MB', values: [peak.below] },
    ];
  } finally {
    worker.child.kill('SIGTERM');
    await worker.ended;
  }

  async function runToEnd(module: string, params: Record<string, number>): Promise<void> {
    const { start: startRun } = await client(workspace, module);
    const { status } = await startRun(params);
    if (status !== 'succeeded') throw new Error(`a run of ${module} ended as ${status}`);
  }
}
