import { formatBytes, formatCount } from '../../artifacts/describe.ts';
import { reconcile } from '../../client/reconcile.ts';
import { joinSession, type Session } from '../../client/session.ts';
import { collectGarbage } from '../../metadata/gc.ts';
import { listRuns } from '../../metadata/index.ts';
import { milliseconds } from '../../pipelines/duration.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { removeStaleTemp } from '../../stacks/local-store.ts';
import { findProject, projectStore, projectStoreTarget } from '../../stacks/project.ts';
import { describeStore, localFolder } from '../../stacks/stores/stack-stores.ts';
import { printJson } from '../output.ts';
import { shortHash } from './cache-format.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHOWN = 20;

interface GcOptions {
  olderThan?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `flowyml artifact gc`: removes what nothing refers to from the store; says what that is, and does it only when told to. */
export async function gcArtifacts(options: GcOptions): Promise<void> {
  if (options.dryRun && options.yes) throw new UsageError('--dry-run and --yes: give one of them');
  const olderThanMs = milliseconds(options.olderThan ?? DAY_MS, '--older-than');
  const remove = options.yes === true;
  const session = await joinSession(findProject());
  const { db, project } = session;
  try {
    await settleRuns(session);
    const report = await collectGarbage(db, projectStore(project), { olderThanMs, remove });
    // What is being written grows all the time: a file of which a day long nothing came is of a process that died.
    const target = projectStoreTarget(project);
    const folder = localFolder(target);
    const temporary = remove && folder !== undefined ? await removeStaleTemp(folder, Math.max(DAY_MS, olderThanMs)) : 0;
    const { garbage, bytes, blobs, young, before, damaged } = report;
    if (options.json) {
      printJson({ removed: remove, count: garbage.length, bytes, blobs, young, before: before.toISOString(), artifacts: garbage, damaged });
      return;
    }
    const count = `${formatCount(garbage.length)} of ${formatCount(blobs)} ${blobs === 1 ? 'blob' : 'blobs'} (${formatBytes(bytes)})`;
    if (!remove) for (const { sha256, size } of garbage.slice(0, SHOWN)) console.log(`  ${shortHash(sha256)}  ${formatBytes(size)}`);
    if (!remove && garbage.length > SHOWN) console.log(`  and ${formatCount(garbage.length - SHOWN)} more`);
    const store = folder ?? describeStore(target.own);
    const place = `${store}: nothing in this project's database refers to them`;
    if (!garbage.length) console.log(`Nothing to remove of ${formatCount(blobs)} ${blobs === 1 ? 'blob' : 'blobs'} in ${store}.`);
    else console.log(remove ? `Removed ${count} from ${place}.` : `Would remove ${count} from ${place}; --yes does it.`);
    if (young) console.log(`${formatCount(young)} more may be in use: kept since ${before.toISOString()}.`);
    if (temporary) console.log(`Removed ${formatCount(temporary)} temporary ${temporary === 1 ? 'file' : 'files'} that crashes left.`);
    if (damaged.length) console.log(`Damaged, and no longer readable: ${damaged.map(shortHash).join(', ')}.`);
  } finally {
    await session.close();
  }
}

/** A run that was ended from outside would look like one that is at work, and hold everything back since it began. */
async function settleRuns({ db, temporal }: Session): Promise<void> {
  const open = await Promise.all((['running', 'waiting', 'paused'] as const).map((status) => listRuns(db, { status, limit: 500 })));
  for (const row of open.flat()) await reconcile(temporal.client, db, row);
}
