import { type Command, Option } from 'commander';

/** `flowyml cache …` */
export function cacheCommands(flowyml: Command): void {
  const cache = flowyml.command('cache').description('look at what later runs may reuse, and remove it');
  cache
    .command('list')
    .description('the newest entries')
    .option('--pipeline <name>', 'only those that this pipeline made')
    .option('--step <name>', 'only of this step')
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/cache-list.ts')).listCache(options));
  cache
    .command('stats')
    .description('hits and misses, and the time and bytes they saved')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/cache-stats.ts')).showCacheStats(options));
  cache
    .command('explain')
    .description('why a step of a run hit or missed')
    .argument('<run>', "the run's id")
    .argument('<step>', 'the step')
    .option('--json', 'as JSON')
    .action(async (run, step, options) => (await import('../commands/cache-explain.ts')).explainStep(run, step, options));
  cache
    .command('invalidate')
    .description('remove the entries that fit all that is given')
    .option('--pipeline <name>', 'those that this pipeline made')
    .option('--step <name>', 'those of this step')
    .option('--artifact <sha>', 'those that give this artifact; the first digits are enough')
    .option('--downstream', 'and all that came of them')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/cache-invalidate.ts')).invalidateCache(options));
  cache
    .command('clear')
    .description('remove all entries')
    .option('--yes', 'without asking')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/cache-clear.ts')).clearCache(options));
}

/** `flowyml artifact …` */
export function artifactCommands(flowyml: Command): void {
  const artifact = flowyml.command('artifact').description('look at what runs made');
  artifact
    .command('list')
    .description('the newest artifacts')
    .option('--run <run>', 'only those that this run made')
    .option('--type <type>', 'only of this type: json, table, file, model, …')
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/artifact-list.ts')).listAllArtifacts(options));
  artifact
    .command('show')
    .description('one artifact: what it is, who made it and who took it, and whether it is whole')
    .argument('<artifact>', 'its SHA-256 (the first digits are enough), or RUN/STEP/OUTPUT')
    .option('--json', 'as JSON')
    .action(async (target, options) => (await import('../commands/artifact-show.ts')).showArtifact(target, options));
  artifact
    .command('get')
    .description("an artifact's content: JSON as text, a table as an Arrow stream, files and folders as they are")
    .argument('<artifact>', 'its SHA-256 (the first digits are enough), or RUN/STEP/OUTPUT')
    .option('-o, --output <path>', 'where to write it; to stdout unless given')
    .option('--force', 'write over what is there')
    .action(async (target, options) => (await import('../commands/artifact-get.ts')).getArtifact(target, options));
  artifact
    .command('gc')
    .description('remove what no run, cache entry or asset refers to; says what that is, unless told to do it')
    .option('--older-than <duration>', 'only what was kept longer ago than this', '1 day')
    .option('--dry-run', 'only say what would be removed; so it is without --yes')
    .option('--yes', 'remove it')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/artifact-gc.ts')).gcArtifacts(options));
}

/** `flowyml asset …` */
export function assetCommands(flowyml: Command): void {
  const asset = flowyml.command('asset').description('look at named data, models and metrics, and where they come from');
  asset
    .command('list')
    .description('the newest of each asset')
    .option('--kind <kind>', 'only of this kind: dataset, model, metrics, featureSet or report')
    .option('--name <name>', 'every version and revision of this one')
    .option('--limit <n>', 'how many at most', '50')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/asset-list.ts')).listAllAssets(options));
  asset
    .command('show')
    .description('one asset: its properties, its bytes, the run that made it')
    .argument('<asset>', 'NAME, NAME@VERSION or NAME@VERSION#REVISION')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/asset-show.ts')).showAsset(name, options));
  asset
    .command('lineage')
    .description('what an asset was made from, and what was made from it, across runs')
    .argument('<asset>', 'NAME, NAME@VERSION or NAME@VERSION#REVISION')
    .addOption(new Option('--json', 'as JSON').conflicts('mermaid'))
    .option('--mermaid', 'as a Mermaid flowchart')
    .action(async (name, options) => (await import('../commands/asset-lineage.ts')).showLineage(name, options));
}

/** `flowyml experiment …` */
export function experimentCommands(flowyml: Command): void {
  const experiment = flowyml.command('experiment').description('compare runs');
  experiment
    .command('list')
    .description('the experiments, and the best of each metric')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/experiment-list.ts')).listAllExperiments(options));
  experiment
    .command('show')
    .description("an experiment's runs with their params, metrics and curves")
    .argument('<experiment>', 'its name: that of the pipeline unless runs were given another')
    .option('--metric <name>', 'only this metric')
    .option('--limit <n>', 'how many runs at most, the newest', '20')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/experiment-show.ts')).showExperiment(name, options));
}
