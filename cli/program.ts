import { readFileSync } from 'node:fs';
import { Command, Help, Option } from 'commander';

// Each command's code is loaded when it is called: `--help` and `--version` load none of it.

const collect = (value: string, all: string[]) => [...all, value];

/** The command-line interface. */
export async function program(): Promise<Command> {
  const flowyml = new Command('flowyml')
    .description('Typed ML pipelines as durable Temporal workflows')
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'flowyml: ')) })
    .configureHelp({ showGlobalOptions: false, optionDescription: describeOption })
    .showHelpAfterError('(flowyml --help shows what there is)');

  flowyml
    .command('init')
    .description('write flowyml.yaml and a first pipeline')
    .argument('[dir]', 'the folder to write to', '.')
    .action(async (dir) => (await import('./commands/init.ts')).init(dir));

  flowyml
    .command('up')
    .description('start Temporal and PostgreSQL for this project')
    .option('--temporal-port <port>', "Temporal's port; a free one unless given")
    .option('--ui-port <port>', "Temporal Web's port; a free one unless given")
    .option('--postgres-port <port>', "PostgreSQL's port; a free one unless given")
    .action(async (options) => (await import('./commands/up.ts')).up(options));

  flowyml
    .command('down')
    .description("stop this project's services and background workers")
    .option('--purge', 'and delete all that they keep: runs, artifacts, histories')
    .action(async (options) => (await import('./commands/down.ts')).down(options));

  flowyml
    .command('status')
    .description('show what runs: services and workers')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/status.ts')).status(options));

  flowyml
    .command('doctor')
    .description('check what is there, what is missing, and what to do')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/doctor.ts')).doctor(options));

  flowyml
    .command('plan')
    .description('show the steps in the order in which they run')
    .argument('<module>', 'a TypeScript or JavaScript file; MODULE#name picks one of several pipelines')
    .addOption(new Option('--json', 'the whole plan as JSON').conflicts('mermaid'))
    .option('--mermaid', 'the graph as a Mermaid flowchart')
    .action(async (module, options) => (await import('./commands/plan.ts')).plan(module, options));

  flowyml
    .command('run')
    .description('run a pipeline: starts what it needs, and shows how it goes')
    .argument('<module>', 'a TypeScript or JavaScript file; MODULE#name picks one of several pipelines')
    .option('-p, --param <name=value>', "a param's value: JSON where its type takes it, else text", collect, [])
    .option('--params <file>', 'params from a JSON or YAML file; -p wins')
    .option('--stack <name>', 'the stack to run on')
    .option('--no-cache', 'reuse nothing that earlier runs made, and keep nothing')
    .addOption(new Option('--refresh', 'reuse nothing, but keep what is made').conflicts('cache'))
    .option('--recompute <step>', 'run this step again, whatever the cache has', collect, [])
    .option('--tag <tag>', 'a tag to find the run by', collect, [])
    .option('--experiment <name>', 'the experiment that the run belongs to')
    .option('--priority <n>', 'how early its steps are taken from a queue that is full: 1 (first) to 5')
    .option('--id <id>', "the run's id; a run that has it already is followed, not started again")
    .option('--detach', 'leave it running in the background')
    .option('--debug', 'one step at a time')
    .option('--json', "the run's result as JSON")
    .action(async (module, options) => (await import('./commands/run.ts')).run(module, options));

  flowyml
    .command('worker')
    .description("serve the project's pipelines until stopped; SIGTERM lets running steps end first")
    .argument('[modules...]', 'modules beside those that flowyml.yaml names')
    .option('--stack <name>', 'the stack whose queues to serve')
    .option('--group <name>', "serve only this execution group's steps ('default': steps without a group)", collect, [])
    .option('--concurrency <n>', 'steps at a time; one a core unless given')
    .addOption(
      new Option('--on-code-change <policy>', 'steps that were planned with other code: run them, and say so, or fail them').choices([
        'run',
        'fail',
      ]),
    )
    .option('--deployment <name>', "take part in Temporal's Worker Versioning: a run stays with workers of its version")
    .option('--build-id <id>', "with --deployment: this version's name; made from the code unless given")
    .option('--drain <duration>', 'how long running steps may go on at SIGTERM', '10 minutes')
    .addOption(
      new Option('--log-format <format>', 'text for people, or JSON lines')
        .choices(['text', 'json'])
        .default('text')
        .env('FLOWYML_LOG_FORMAT'),
    )
    .option('--log-steps', 'and what steps print and log')
    .option('--verbose', 'in text: all that happens to runs and steps, not only what goes wrong')
    .addOption(new Option('--metrics-port <port>', 'Prometheus metrics at /metrics; 0 picks a free port').env('FLOWYML_METRICS_PORT'))
    .addOption(new Option('--health-port <port>', '/healthz and /readyz; 0 picks a free port').env('FLOWYML_HEALTH_PORT'))
    .option('--bind <address>', 'the address of both ports', '0.0.0.0')
    .addOption(new Option('--lenient', 'leave out modules of flowyml.yaml that cannot be served').hideHelp())
    .action(async (modules, options) => (await import('./commands/worker.ts')).worker(modules, options));

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
    .action(async (options) => (await import('./commands/runs-list.ts')).listRuns(options));
  runs
    .command('show')
    .description('one run: its steps, attempts and errors')
    .argument('<run>', "the run's id")
    .option('--json', 'as JSON')
    .action(async (run, options) => (await import('./commands/runs-show.ts')).showRun(run, options));
  runs
    .command('logs')
    .description('what the steps of a run printed and logged')
    .argument('<run>', "the run's id")
    .argument('[step]', 'only of this step')
    .option('--attempt <n>', 'only of this attempt')
    .option('-f, --follow', 'go on while the run does')
    .option('--json', 'a JSON object a line')
    .action(async (run, step, options) => (await import('./commands/runs-logs.ts')).showLogs(run, step, options));
  runs
    .command('cancel')
    .description('cancel a run; running steps are asked to stop, then ended')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('./commands/runs-cancel.ts')).cancelRun(run));

  for (const decision of ['approve', 'reject'] as const) {
    runs
      .command(decision)
      .description(`${decision} a step that waits for it`)
      .argument('<run>', "the run's id")
      .argument('<step>', 'the step')
      .option('--by <name>', 'who decides; your user name unless given')
      .option('--comment <text>', 'why')
      .action(async (run, step, options) => (await import('./commands/runs-control.ts')).decideStep(decision, run, step, options));
  }
  runs
    .command('pause')
    .description('hold a run back: what runs goes on, nothing new starts')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('./commands/runs-control.ts')).pauseRun(run));
  runs
    .command('resume')
    .description('let a paused run go on')
    .argument('<run>', "the run's id")
    .action(async (run) => (await import('./commands/runs-control.ts')).resumeRun(run));
  runs
    .command('retry')
    .description('start a new run that takes over every step that succeeded')
    .argument('<run>', "the run's id")
    .option('--force-from <step>', 'run this step again, and all that come after it')
    .option('-p, --param <name=value>', "a param's value; the others are the run's", collect, [])
    .option('--id <id>', "the new run's id")
    .option('--detach', 'leave it running in the background')
    .option('--json', "the new run's result as JSON")
    .action(async (run, options) => (await import('./commands/runs-retry.ts')).retryRun(run, options));

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
    .action(async (name, pipeline, options) => (await import('./commands/schedule-create.ts')).createSchedule(name, pipeline, options));
  schedule
    .command('list')
    .description("the project's schedules")
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/schedule-list.ts')).listSchedules(options));
  schedule
    .command('show')
    .description('one schedule: its next and last runs, and what was skipped and why')
    .argument('<name>', "the schedule's name")
    .option('--runs <n>', 'how many of the last runs', '10')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('./commands/schedule-show.ts')).showSchedule(name, options));
  schedule
    .command('pause')
    .description('start no more runs')
    .argument('<name>', "the schedule's name")
    .option('--note <text>', 'why')
    .action(async (name, options) => (await import('./commands/schedule-control.ts')).pauseSchedule(name, options));
  schedule
    .command('resume')
    .description('let a paused schedule go on')
    .argument('<name>', "the schedule's name")
    .option('--note <text>', 'why')
    .action(async (name, options) => (await import('./commands/schedule-control.ts')).resumeSchedule(name, options));
  schedule
    .command('trigger')
    .description('start a run now')
    .argument('<name>', "the schedule's name")
    .option('--overlap <policy>', "when a run is still going on; the schedule's own policy unless given")
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('./commands/schedule-control.ts')).triggerSchedule(name, options));
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
    .action(async (name, options) => (await import('./commands/schedule-backfill.ts')).backfillSchedule(name, options));
  schedule
    .command('delete')
    .description('delete a schedule; its runs stay')
    .argument('<name>', "the schedule's name")
    .action(async (name) => (await import('./commands/schedule-control.ts')).deleteSchedule(name));
  schedule
    .command('sync')
    .description("make the server as the pipelines' code says; shows the difference, and asks")
    .option('--dry-run', 'only show the difference')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/schedule-sync.ts')).syncSchedules(options));

  const cache = flowyml.command('cache').description('look at what later runs may reuse, and remove it');
  cache
    .command('list')
    .description('the newest entries')
    .option('--pipeline <name>', 'only those that this pipeline made')
    .option('--step <name>', 'only of this step')
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/cache-list.ts')).listCache(options));
  cache
    .command('stats')
    .description('hits and misses, and the time and bytes they saved')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/cache-stats.ts')).showCacheStats(options));
  cache
    .command('explain')
    .description('why a step of a run hit or missed')
    .argument('<run>', "the run's id")
    .argument('<step>', 'the step')
    .option('--json', 'as JSON')
    .action(async (run, step, options) => (await import('./commands/cache-explain.ts')).explainStep(run, step, options));
  cache
    .command('invalidate')
    .description('remove the entries that fit all that is given')
    .option('--pipeline <name>', 'those that this pipeline made')
    .option('--step <name>', 'those of this step')
    .option('--artifact <sha>', 'those that give this artifact; the first digits are enough')
    .option('--downstream', 'and all that came of them')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/cache-invalidate.ts')).invalidateCache(options));
  cache
    .command('clear')
    .description('remove all entries')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/cache-clear.ts')).clearCache(options));

  const artifact = flowyml.command('artifact').description('look at what runs made');
  artifact
    .command('list')
    .description('the newest artifacts')
    .option('--run <run>', 'only those that this run made')
    .option('--type <type>', 'only of this type: json, table, file, model, …')
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/artifact-list.ts')).listAllArtifacts(options));
  artifact
    .command('show')
    .description('one artifact: what it is, who made it and who took it, and whether it is whole')
    .argument('<artifact>', 'its SHA-256 (the first digits are enough), or RUN/STEP/OUTPUT')
    .option('--json', 'as JSON')
    .action(async (target, options) => (await import('./commands/artifact-show.ts')).showArtifact(target, options));
  artifact
    .command('get')
    .description("an artifact's content: JSON as text, a table as an Arrow stream, files and folders as they are")
    .argument('<artifact>', 'its SHA-256 (the first digits are enough), or RUN/STEP/OUTPUT')
    .option('-o, --output <path>', 'where to write it; to stdout unless given')
    .option('--force', 'write over what is there')
    .action(async (target, options) => (await import('./commands/artifact-get.ts')).getArtifact(target, options));
  artifact
    .command('gc')
    .description('remove what no run, cache entry or asset refers to; says what that is, unless told to do it')
    .option('--older-than <duration>', 'only what was kept longer ago than this', '1 day')
    .option('--dry-run', 'only say what would be removed; so it is without --yes')
    .option('--yes', 'remove it')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/artifact-gc.ts')).gcArtifacts(options));

  const asset = flowyml.command('asset').description('look at named data, models and metrics, and where they come from');
  asset
    .command('list')
    .description('the newest of each asset')
    .option('--kind <kind>', 'only of this kind: dataset, model, metrics, featureSet or report')
    .option('--name <name>', 'every version and revision of this one')
    .option('--limit <n>', 'how many at most', '50')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/asset-list.ts')).listAllAssets(options));
  asset
    .command('show')
    .description('one asset: its properties, its bytes, the run that made it')
    .argument('<asset>', 'NAME, NAME@VERSION or NAME@VERSION#REVISION')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('./commands/asset-show.ts')).showAsset(name, options));
  asset
    .command('lineage')
    .description('what an asset was made from, and what was made from it, across runs')
    .argument('<asset>', 'NAME, NAME@VERSION or NAME@VERSION#REVISION')
    .addOption(new Option('--json', 'as JSON').conflicts('mermaid'))
    .option('--mermaid', 'as a Mermaid flowchart')
    .action(async (name, options) => (await import('./commands/asset-lineage.ts')).showLineage(name, options));

  const experiment = flowyml.command('experiment').description('compare runs');
  experiment
    .command('list')
    .description('the experiments, and the best of each metric')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/experiment-list.ts')).listAllExperiments(options));
  experiment
    .command('show')
    .description("an experiment's runs with their params, metrics and curves")
    .argument('<experiment>', 'its name: that of the pipeline unless runs were given another')
    .option('--metric <name>', 'only this metric')
    .option('--limit <n>', 'how many runs at most, the newest', '20')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('./commands/experiment-show.ts')).showExperiment(name, options));

  flowyml
    .command('replay')
    .description('check that this code goes on with runs that were begun before: replays their histories')
    .argument('[histories...]', "files, as 'temporal workflow show --output json' or Temporal Web write them")
    .option('--recent <n>', 'the newest runs of this project, ended ones too')
    .option('--workflow-id <id>', 'this run', collect, [])
    .option('--workflows <file>', "the file with your worker's own workflows, where flowyml is part of one")
    .option('--json', 'as JSON')
    .action(async (files, options) => (await import('./commands/replay.ts')).replay(files, options));

  // Subcommands inherit neither of these by themselves.
  for (const command of [
    ...flowyml.commands,
    ...runs.commands,
    ...schedule.commands,
    ...cache.commands,
    ...artifact.commands,
    ...asset.commands,
    ...experiment.commands,
  ])
    command.exitOverride().showHelpAfterError('(add --help for its options)');
  return flowyml;
}

/** As commander does it, but for options that may be repeated: not `(default: [])`. */
function describeOption(option: Option): string {
  const { defaultValue } = option;
  return Array.isArray(defaultValue) ? `${option.description} (may be repeated)` : new Help().optionDescription(option);
}

function version(): string {
  const here = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  return (JSON.parse(readFileSync(new URL(here, import.meta.url), 'utf8')) as { version: string }).version;
}
