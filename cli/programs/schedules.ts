import type { Command } from 'commander';
import { collect } from './collect.ts';

/** `flowyml schedule …` */
export function scheduleCommands(flowyml: Command): void {
  const schedule = flowyml.command('schedule').description('run pipelines by themselves, at given times');
  schedule
    .command('create')
    .description("create a schedule; those in pipelines' code are created by sync")
    .argument('<name>', "the schedule's name: its runs' ids begin with it")
    .argument('<pipeline>', "a pipeline's name, or a module; MODULE#name picks one of several pipelines")
    .option('--cron <expression>', "such as '0 6 * * 1-5': minute, hour, day of month, month, day of week", collect, [])
    .option('--interval <every[/offset]>', "such as '6 hours', or '1 day/3 hours'", collect, [])
    .option('--calendar <json>', 'such as \'{"hour":6,"dayOfWeek":"MON-FRI"}\'', collect, [])
    .option('--timezone <name>', "for cron and calendars, such as 'Europe/Berlin'; UTC unless given")
    .option('--jitter <duration>', 'start up to so much later, by chance')
    .option(
      '--overlap <policy>',
      'when a run is still going on: skip, bufferOne, bufferAll, cancelOther, terminateOther or allowAll; skip unless given',
    )
    .option('--catchup-window <duration>', 'how late a run may start after Temporal was away; 1 day unless given')
    .option('--pause-on-failure', 'pause when a run fails')
    .option('--start-at <time>', 'no runs before it (ISO 8601)')
    .option('--end-at <time>', 'no runs after it')
    .option('--paused', 'begin paused')
    .option('-p, --param <name=value>', "a param's value; {{ scheduled_time }} and {{ scheduled_date }} are filled in", collect, [])
    .option('--params <file>', 'params from a JSON or YAML file; -p wins')
    .option('--tag <tag>', 'a tag of its runs', collect, [])
    .option('--note <text>', 'shown with it')
    .option('--json', 'as JSON')
    .action(async (name, pipeline, options) => (await import('../commands/schedule-create.ts')).createSchedule(name, pipeline, options));
  schedule
    .command('list')
    .description("the project's schedules")
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/schedule-list.ts')).listSchedules(options));
  schedule
    .command('show')
    .description('one schedule: its next and last runs, and what was skipped and why')
    .argument('<name>', "the schedule's name")
    .option('--runs <n>', 'how many of the last runs', '10')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/schedule-show.ts')).showSchedule(name, options));
  schedule
    .command('pause')
    .description('start no more runs')
    .argument('<name>', "the schedule's name")
    .option('--note <text>', 'why')
    .action(async (name, options) => (await import('../commands/schedule-control.ts')).pauseSchedule(name, options));
  schedule
    .command('resume')
    .description('let a paused schedule go on')
    .argument('<name>', "the schedule's name")
    .option('--note <text>', 'why')
    .action(async (name, options) => (await import('../commands/schedule-control.ts')).resumeSchedule(name, options));
  schedule
    .command('trigger')
    .description('start a run now')
    .argument('<name>', "the schedule's name")
    .option('--overlap <policy>', "when a run is still going on; the schedule's own policy unless given")
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/schedule-control.ts')).triggerSchedule(name, options));
  schedule
    .command('backfill')
    .description('run what it would have run in a span of the past: each time once, however often asked for')
    .argument('<name>', "the schedule's name")
    .requiredOption('--from <time>', "the first day in the schedule's time zone (2026-03-01), or a moment (ISO 8601)")
    .requiredOption('--to <time>', 'the last day, or a moment')
    .option('--concurrency <n>', 'runs at a time; 1 unless given, 10 where runs may overlap (allowAll)')
    .option('--retry-failed', 'start runs again that failed or were cancelled')
    .option('--detach', 'leave it running')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/schedule-backfill.ts')).backfillSchedule(name, options));
  schedule
    .command('delete')
    .description('delete a schedule; its runs stay')
    .argument('<name>', "the schedule's name")
    .action(async (name) => (await import('../commands/schedule-control.ts')).deleteSchedule(name));
  schedule
    .command('sync')
    .description("make the server as the pipelines' code says; shows the difference, and asks")
    .option('--dry-run', 'only show the difference')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/schedule-sync.ts')).syncSchedules(options));
}
