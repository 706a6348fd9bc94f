import { joinSession } from '../../client/session.ts';
import { findDownstream, findRemovable, type RemovableEntry } from '../../metadata/cache-admin.ts';
import { dropEntries } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson } from '../output.ts';
import { requireHash } from './artifact-target.ts';
import { checkNames, confirm, entries } from './cache-format.ts';

// PostgreSQL takes 65,535 values in a statement.
const AT_ONCE = 10_000;

interface InvalidateOptions {
  pipeline?: string;
  step?: string;
  artifact?: string;
  downstream?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `flowyml cache invalidate`: removes entries, and on wish all that came of them. What they refer to stays. */
export async function invalidateCache({ pipeline, step, artifact, downstream, yes, json }: InvalidateOptions): Promise<void> {
  if (pipeline === undefined && step === undefined && artifact === undefined)
    throw new UsageError("say which entries: --pipeline, --step or --artifact ('flowyml cache clear' removes all)");
  const session = await joinSession(findProject());
  const { db } = session;
  try {
    const names = { ...(pipeline === undefined ? {} : { pipeline }), ...(step === undefined ? {} : { step }) };
    await checkNames(db, names);
    const sha256 = artifact === undefined ? undefined : await requireHash(db, artifact);
    const chosen = await findRemovable(db, { ...names, ...(sha256 === undefined ? {} : { sha256 }) });
    const further = downstream ? await findDownstream(db, chosen) : [];
    const all = [...chosen, ...further];
    const what = `${entries(all.length)}${further.length ? ` (${further.length} of them downstream)` : ''}`;
    if (!json) console.log(all.length ? `${what}: ${bySteps(all)}` : 'No entries fit: nothing to remove.');
    const sure = yes || !all.length || (await confirm(`Remove ${what}?`, 'flowyml cache invalidate …'));
    const keys = all.map(({ key }) => key);
    let removed = 0;
    for (let i = 0; sure && i < keys.length; i += AT_ONCE) removed += await dropEntries(db, keys.slice(i, i + AT_ONCE));
    if (json) printJson({ removed, downstream: further.length, keys });
    else if (all.length) console.log(`Removed ${entries(removed)}.`);
  } finally {
    await session.close();
  }
}

function bySteps(all: readonly RemovableEntry[]): string {
  const counts = new Map<string, number>();
  for (const { step } of all) counts.set(step, (counts.get(step) ?? 0) + 1);
  const shown = [...counts].slice(0, 10).map(([step, count]) => (count === 1 ? step : `${step} ×${count}`));
  return `${shown.join(', ')}${counts.size > 10 ? `, and ${counts.size - 10} more steps` : ''}`;
}
