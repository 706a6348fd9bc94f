import type { Command } from 'commander';
import { collect } from './collect.ts';

/** `flowyml runs …` */
export function runCommands(flowyml: Command): void {
  const runs = flowyml.command('runs').description('look at runs, and act on them');
  runs
    .command('list')
    .description('the newest runs')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--status <status>', 'only with this status')
    .option('--tag <tag>', 'only with this tag')
    .option('--experiment <name>', 'only of this experiment')
    .option('--since <when>', "only those started since: a date, or how long ago, such as '7 days'")
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/runs-list.ts')).listRuns(options));
  runs
    .command('show')
    .description('one run: its steps, attempts and errors')
    .argument('<run>', "the run's id")
    .option('--json', 'as JSON')
    .action(async (run, options) => (await import('../commands/runs-show.ts')).showRun(run, options));
  runs
    .command('logs')
    .description('what the steps of a run printed and logged')
    .argument('<run>', "the run's id")
    .argument('[step]', 'only of this step')
    .option('--attempt <n>', 'only of this attempt')
    .option('-f, --follow', 'go on while the run does')
    .option('--json', 'a JSON object a line')
    .action(async (run, step, options) => (await import('../commands/runs-logs.ts')).showLogs(run, step, options));
  runs
    .command('cancel')
    .description('cancel a run; running steps are asked to stop, then ended')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('../commands/runs-cancel.ts')).cancelRun(run));

  for (const decision of ['approve', 'reject'] as const) {
    runs
      .command(decision)
      .description(`${decision} a step that waits for it`)
      .argument('<run>', "the run's id")
      .argument('<step>', 'the step')
      .option('--by <name>', 'who decides; your user name unless given')
      .option('--comment <text>', 'why')
      .action(async (run, step, options) => (await import('../commands/runs-control.ts')).decideStep(decision, run, step, options));
  }
  runs
    .command('pause')
    .description('hold a run back: what runs goes on, nothing new starts')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('../commands/runs-control.ts')).pauseRun(run));
  runs
    .command('resume')
    .description('let a paused run go on')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('../commands/runs-control.ts')).resumeRun(run));
  runs
    .command('retry')
    .description('start a new run that takes over every step that succeeded')
    .argument('<run>', "the run's id")
    .option('--force-from <step>', 'run this step again, and all that come after it')
    .option('-p, --param <name=value>', "a param's value; the others are the run's", collect, [])
    .option('--id <id>', "the new run's id")
    .option('--detach', 'leave it running in the background')
    .option('--json', "the new run's result as JSON")
    .action(async (run, options) => (await import('../commands/runs-retry.ts')).retryRun(run, options));
}
