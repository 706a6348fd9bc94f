import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printTable, runLink } from '../cli/output.ts';
import { formatSummary } from '../client/summary.ts';
import { nodeArguments } from '../loader/spawn.ts';
import type { RunResult } from '../pipelines/run-result.ts';
import { findServices } from '../services/index.ts';

// `npm run demo`: runs the first example by the command, as a user would, and shows what came out of it.

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULE = 'examples/01-flight-delays/pipelines/flight-delays.ts';

console.error('Three million flights, a model that tells which will be late: a few seconds each for reading, training and judging.\n');
const result = await runExample().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
console.log(`\n${formatSummary(result)}`);
if (result.status !== 'succeeded') process.exit(1);

const metrics = value('evaluate', 'evaluation') as Record<string, number>;
console.log('\nJudged on the last 30 days, which the model has not seen:');
printTable(
  ['METRIC', 'VALUE'],
  Object.entries(metrics).map(([name, number]) => [name, Number.isInteger(number) ? number : number.toFixed(4)]),
);

const calibration = value('evaluate', 'calibration') as { flights: number; predicted: number; observed: number }[];
console.log('\nCalibration: flights by tenths of the predicted risk of being more than 15 minutes late');
printTable(
  ['FLIGHTS', 'PREDICTED', 'OBSERVED'],
  calibration.map((bin) => [bin.flights, percent(bin.predicted), percent(bin.observed)]),
);

const services = await findServices({ root });
console.log(`
Look at it
  Temporal Web   ${services?.temporal.ui ? runLink(services.temporal.ui, services.temporal.namespace, result.runId) : '(not ours)'}
  the run        npx flowyml runs show ${result.runId}
  its log        npx flowyml runs logs ${result.runId}
Try             npx flowyml run ${MODULE} -p epochs=2
                and kill -9 it while it trains ('npx flowyml status' shows its pid): 'npx flowyml worker' finishes the run
Stop            npx flowyml down`);

function runExample(): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const args = [...nodeArguments(new URL('../cli/main.ts', import.meta.url)), 'run', MODULE, '--json'];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.on('close', (code) => {
      if (stdout) resolve(JSON.parse(stdout) as RunResult);
      else reject(new Error(`the run gave no result (exit code ${code})`));
    });
    // A terminal's Ctrl-C reaches the command by itself, which cancels the run.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
  });
}

function value(step: string, output: string): unknown {
  return result.steps[step]?.outputs[output]?.value;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
