import prettyBytes from 'pretty-bytes';
import { joinSession } from '../../client/session.ts';
import { assetUses, listAssets, requireAsset } from '../../metadata/index.ts';
import { assetId } from '../../pipelines/asset-input.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson } from '../output.ts';
import { assetFacts, time } from './asset-list.ts';

const OTHERS_SHOWN = 10;

/** `flowyml asset show`: what is known of an asset, which runs made it, and which took it. */
export async function showAsset(name: string, options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const { db } = session;
    const row = await requireAsset(db, name);
    const id = assetId(row);
    const [given, taken, all] = await Promise.all([
      assetUses(db, id, 'out'),
      assetUses(db, id, 'in'),
      listAssets(db, { name: row.name, limit: 1000 }),
    ]);
    const runsOf = (uses: typeof given) => [...new Set(uses.map((use) => use.runId))];
    const revisions = all.map(assetId);
    if (options.json) return printJson({ ...assetFacts(row), givenBy: runsOf(given), takenBy: runsOf(taken), revisions });
    console.log(`${id} (${row.kind}${row.immutable ? ', immutable' : ''})`);
    const line = (label: string, text: string) => console.log(`  ${label.padEnd(11)} ${text}`);
    line('bytes', `${prettyBytes(row.ref.size)}, ${row.ref.type}, sha256 ${row.sha256}`);
    if (row.ref.uri !== undefined) line('kept', row.ref.uri);
    if (row.ref.preview !== undefined) line('preview', row.ref.preview);
    line('made', `${time(row.createdAt)} by step ${row.step} of run ${row.runId}`);
    for (const [key, value] of Object.entries(row.properties)) line('property', `${key} = ${JSON.stringify(value)}`);
    for (const [key, value] of Object.entries(row.tags)) line('tag', `${key} = ${value}`);
    if (row.parents.length) line('made from', row.parents.join(', '));
    const more = (runs: string[]) => `${runs.slice(0, OTHERS_SHOWN).join(', ')}${runs.length > OTHERS_SHOWN ? ', …' : ''}`;
    if (taken.length) line('taken by', more(runsOf(taken)));
    const others = revisions.filter((other) => other !== id);
    if (others.length) line('others', more(others));
  } finally {
    await session.close();
  }
}
