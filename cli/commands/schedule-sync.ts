import type { ScheduleDifference } from '../../client/schedules/index.ts';
import { findProject } from '../../stacks/project.ts';
import { loadAll } from '../modules.ts';
import { printJson } from '../output.ts';
import { confirm } from './cache-format.ts';
import { shown } from './schedule-format.ts';
import { warnUnserved, withSchedules } from './schedule-target.ts';

interface SyncOptions {
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `flowyml schedule sync`: makes the server as the pipelines' code says, and shows the difference first. */
export async function syncSchedules(options: SyncOptions): Promise<void> {
  const project = findProject();
  // All of them must load: what is missing would be taken for deleted.
  const pipelines = (await loadAll(project.pipelines)).map(({ pipeline }) => pipeline);
  await withSchedules(async (all, session) => {
    const difference = await all.difference(pipelines);
    const count = difference.create.length + difference.change.length + difference.delete.length;
    if (!options.json) print(difference);
    const sure = count > 0 && !options.dryRun && (options.yes || (await confirmed(options)));
    if (sure) await all.sync(pipelines);
    if (options.json) printJson({ ...difference, applied: sure });
    else if (sure) console.log('Done.');
    const served = new Set(sure ? [...difference.create, ...difference.change].map(({ pipeline }) => pipeline) : []);
    for (const pipeline of served) await warnUnserved(session, pipeline);
  }, project);
}

/** Asks; where nobody can be asked, says that nothing is changed. */
async function confirmed({ json }: SyncOptions): Promise<boolean> {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) {
    console.error('Nothing is changed: flowyml schedule sync --yes does it.');
    return false;
  }
  return confirm('Apply?', 'flowyml schedule sync');
}

function print({ create, change, delete: remove, same }: ScheduleDifference): void {
  for (const { name, pipeline } of create) console.log(`+ ${name}: to create, for pipeline ${pipeline}`);
  for (const { name, changes } of change) {
    console.log(`~ ${name}: to change`);
    for (const { field, from, to } of changes) console.log(`    ${field}: ${shown(from)} -> ${shown(to)}`);
  }
  for (const { name, pipeline } of remove) console.log(`- ${name}: to delete; no pipeline's code has it any more (it ran ${pipeline})`);
  const all = create.length + change.length + remove.length;
  if (!all)
    console.log(
      same.length ? `All ${same.length} are as the code says.` : "No pipeline's code has a schedule, and the server has none of it.",
    );
  else if (same.length) console.log(`${same.length} as the code says.`);
}
