import prettyBytes from 'pretty-bytes';
import { joinSession } from '../../client/session.ts';
import { type AssetRow, listAssets, requireAsset } from '../../metadata/index.ts';
import { assetId } from '../../pipelines/asset-input.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';

interface ListOptions {
  kind?: string;
  name?: string;
  limit?: string;
  json?: boolean;
}

const KINDS = ['dataset', 'model', 'metrics', 'featureSet', 'report'];

/** `flowyml asset list`: the newest of each asset, or every revision of one. */
export async function listAllAssets(options: ListOptions): Promise<void> {
  const { kind, name, json } = options;
  if (kind !== undefined && !KINDS.includes(kind)) throw new UsageError(`--kind: there is no kind '${kind}'${hint(kind, KINDS)}`);
  const limit = wholeNumber(options.limit, '--limit') ?? 50;
  const session = await joinSession(findProject());
  try {
    if (name !== undefined) await requireAsset(session.db, name);
    const rows = await listAssets(session.db, { limit, ...(kind === undefined ? {} : { kind }), ...(name === undefined ? {} : { name }) });
    if (json) return printJson(rows.map((row) => ({ ...assetFacts(row), versions: row.versions })));
    if (!rows.length) return console.log(`No assets${kind === undefined ? '' : ` of kind ${kind}`} yet`);
    printTable(
      ['ASSET', 'KIND', 'VERSIONS', 'SIZE', 'CREATED', 'RUN'],
      rows.map((row) => [assetId(row), row.kind, row.versions, prettyBytes(row.ref.size), time(row.createdAt), row.runId]),
    );
  } finally {
    await session.close();
  }
}

export const time = (at: Date) => at.toISOString().slice(0, 19).replace('T', ' ');

/** An asset as data. */
export const assetFacts = (row: AssetRow) => ({
  asset: assetId(row),
  kind: row.kind,
  name: row.name,
  version: row.version,
  revision: row.revision,
  ...(row.immutable ? { immutable: true } : {}),
  type: row.ref.type,
  sha256: row.sha256,
  size: row.ref.size,
  ...(row.ref.uri === undefined ? {} : { uri: row.ref.uri }),
  ...(row.ref.value === undefined ? {} : { value: row.ref.value }),
  ...(row.ref.preview === undefined ? {} : { preview: row.ref.preview }),
  properties: row.properties,
  tags: row.tags,
  parents: row.parents,
  run: row.runId,
  step: row.step,
  output: row.output,
  createdAt: row.createdAt.toISOString(),
});
