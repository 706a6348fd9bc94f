import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { artifacts } from './artifacts.ts';
import type { Benchmark } from './benchmark.ts';
import { builtPackage } from './built.ts';
import { cached } from './cached.ts';
import { chain } from './chain.ts';
import { commandStart } from './command-start.ts';
import { describeMachine, versions } from './environment.ts';
import { fanOut } from './fan-out.ts';
import { identity } from './identity.ts';
import { map } from './map.ts';
import { endProcesses } from './processes.ts';
import { printMachine, printReport, printVersions, type Results } from './report.ts';
import { runStart } from './run-start.ts';
import { runs } from './runs.ts';
import { segment } from './segment.ts';
import { workerStart } from './worker-start.ts';
import { makeWorkspace } from './workspace.ts';

// `npm run bench -- [NAME…]`: measures on services of its own, in a folder that is removed afterwards.

const BENCHMARKS: readonly Benchmark[] = [
  commandStart,
  runStart,
  workerStart,
  chain,
  fanOut,
  segment,
  map,
  cached,
  runs,
  identity,
  artifacts,
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    dist: { type: 'string' },
    quiet: { type: 'string', default: '0' },
    verbose: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const rounds = Number(options.rounds);
const quiet = Number(options.quiet);
const unknown = positionals.filter((name) => !BENCHMARKS.some((each) => each.name === name));
if (options.help || unknown.length || !Number.isInteger(rounds) || rounds < 1 || !(quiet >= 0)) {
  if (unknown.length) console.error(`no benchmark is named ${unknown.join(', ')}`);
  console.error(`npm run bench -- [${BENCHMARKS.map(({ name }) => name).join(' | ')}]… [options]
  --rounds N   rounds that count (9)
  --json FILE  every value, as JSON
  --dist DIR   the built package (dist/ where it is up to date)
  --quiet S    wait before each measurement, at most S seconds, until the machine has nothing else to do (0)
  -v           each round as it ends`);
  process.exit(options.help ? 0 : 2);
}
const chosen = positionals.length ? BENCHMARKS.filter(({ name }) => positionals.includes(name)) : BENCHMARKS;
const built = options.dist === undefined ? builtPackage() : { dist: resolve(options.dist) };
const { dist } = built;
const say = (line: string) => {
  if (options.verbose) console.error(line);
};

const machine = describeMachine();
printMachine(machine);
const workspace = await makeWorkspace(say);
let removing: Promise<void> | undefined;
const remove = () => {
  endProcesses();
  removing ??= workspace.remove();
  return removing;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void remove().finally(() => process.exit(130)));
// Something that nobody waits for any more must not leave the servers behind.
process.on('uncaughtException', (error) => {
  console.error(error);
  void remove().finally(() => process.exit(1));
});
try {
  const results: Results = { environment: { ...machine, versions: await versions(workspace.session) }, benchmarks: [] };
  printVersions(results.environment.versions);
  if ('why' in built) console.log(`${built.why}: only what runs from source is measured. (npm run build makes it anew.)`);
  for (const benchmark of chosen) {
    say(`${benchmark.name}: load ${loadavg()[0]?.toFixed(2)}`);
    const report = await benchmark.run(workspace, { rounds, quietMs: 1000 * quiet, dist, say });
    printReport(benchmark.title, report);
    results.benchmarks.push({ name: benchmark.name, title: benchmark.title, ...report });
  }
  results.environment.loadAtEnd = loadavg();
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
} catch (error) {
  // Before the rest is taken down, which may fail too.
  console.error(error);
  process.exitCode = 1;
} finally {
  await remove();
}
// Whoever still waits for a run of a benchmark that failed would wait for ever.
if (process.exitCode) process.exit();
