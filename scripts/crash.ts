// `npm run crash -- [--kills 500] [--seed N]`: runs pipelines while a process chosen at random is killed with -9, again and again.
import { parseArgs } from 'node:util';
import { storm } from '../test/crash/storm.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' }, runs: { type: 'string' } } });
const number = (name: 'kills' | 'seed' | 'runs', otherwise: number) => {
  const value = values[name] === undefined ? otherwise : Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number, not '${values[name]}'`);
  process.exit(2);
};
const kills = number('kills', 500);
const seed = number('seed', Math.floor(Math.random() * 1_000_000));
const runs = number('runs', 6);

console.log(`${kills} kills, seed ${seed}`);
// The first Ctrl-C ends the killing, so that nothing is left running.
const ending = new AbortController();
process.once('SIGINT', () => ending.abort());
const began = Date.now();
const report = await storm({
  kills,
  seed,
  runs,
  signal: ending.signal,
  say: (line) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`),
});
const count = (victim: string) => report.kills.filter((kill) => kill.victim === victim).length;
console.log(
  `${report.kills.length} kills (${count('worker')} of workers, ${count('child')} of step processes, ${count('temporal')} of Temporal, ` +
    `${count('postgres')} of PostgreSQL), ${report.runs} runs, ${report.seconds.toFixed(0)} s`,
);
console.log(
  `longest standstill of a step: ${report.worst.step.ms} ms (${report.worst.step.what}); of a run: ${report.worst.run.ms} ms (${report.worst.run.what})`,
);
if (report.problems.length) {
  console.error(`\n${report.problems.length} problems:\n${report.problems.map((problem) => `- ${problem}`).join('\n')}`);
  console.error(`\nEverything is kept in ${report.root}. Again: npm run crash -- --kills ${kills} --seed ${seed} --runs ${runs}`);
}
// Runs that never ended would keep it waiting.
process.exit(report.problems.length ? 1 : 0);
