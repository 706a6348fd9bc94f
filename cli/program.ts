import { readFileSync } from 'node:fs';
import { Command, Help, Option } from 'commander';
import { collect } from './programs/collect.ts';
import { artifactCommands, assetCommands, cacheCommands, experimentCommands } from './programs/kept.ts';
import { runCommands } from './programs/runs.ts';
import { scheduleCommands } from './programs/schedules.ts';
import { stackCommands } from './programs/stacks.ts';

// Each command's code is loaded when it is called: `--help` and `--version` load none of it.

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
    .option('--stack <name>', 'for this stack')
    .option('--executor <name>', 'with this executor: local or docker')
    .option('--orchestrator <name>', 'with this orchestrator: temporal or vertex_ai')
    .action(async (module, options) => (await import('./commands/plan.ts')).plan(module, options));

  flowyml
    .command('run')
    .description('run a pipeline: starts what it needs, and shows how it goes')
    .argument('<module>', 'a TypeScript or JavaScript file; MODULE#name picks one of several pipelines')
    .option('-p, --param <name=value>', "a param's value: JSON where its type takes it, else text", collect, [])
    .option('--params <file>', 'params from a JSON or YAML file; -p wins')
    .option('--stack <name>', 'the stack to run on')
    .option('--executor <name>', 'where its steps run, whatever stacks and groups say: local or docker')
    .option('--orchestrator <name>', "in place of the stack's: temporal or vertex_ai")
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

  flowyml
    .command('queue-worker', { hidden: true })
    .description('what executors start: serves one task queue, as FLOWYML_QUEUE_WORKER says')
    .action(async () => (await import('./commands/queue-worker.ts')).queueWorker());

  runCommands(flowyml);
  stackCommands(flowyml);
  scheduleCommands(flowyml);
  cacheCommands(flowyml);
  artifactCommands(flowyml);
  assetCommands(flowyml);
  experimentCommands(flowyml);

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
  for (const command of flowyml.commands.flatMap((each) => [each, ...each.commands]))
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
