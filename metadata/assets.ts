import { and, desc, eq, sql } from 'drizzle-orm';
import type postgres from 'postgres';
import { type AssetName, assetId, parseAssetName } from '../pipelines/asset-input.ts';
import { AssetImmutable, UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { ArtifactRef, AssetInfo } from '../pipelines/run-result.ts';
import type { Database } from './database.ts';
import type { RunKey } from './keys.ts';
import { assetLinks, assets } from './schema.ts';

export type AssetRow = typeof assets.$inferSelect;
export type AssetLink = typeof assetLinks.$inferInsert;

type Refs = Record<string, ArtifactRef>;
/** A reference that says which asset it is. */
type AssetRef = ArtifactRef & { asset: AssetInfo };

const isAsset = (entry: [string, ArtifactRef]): entry is [string, AssetRef] => entry[1].asset !== undefined;

/** The asset that a reference points to; undefined where it has no version yet, or is none. */
export const assetOf = ({ asset }: ArtifactRef): string | undefined =>
  asset?.version === undefined || asset.revision === undefined ? undefined : assetId(asset);

/** Whether a step made or took assets: only then does its commit cost more than one statement. */
export const hasAssets = (...refs: Refs[]): boolean => refs.some((each) => Object.entries(each).some(isAsset));

/**
 * Gives each asset among a step's outputs its version and revision, and keeps those that are new: content that is there
 * already, under the version it names or, where it names none, under any, is that one. In the transaction of the commit.
 * Commits of assets of the same name wait for each other, so that each sees what the one before it made.
 * @throws AssetImmutable where the version may hold nothing else than it does
 */
export async function keepAssets(sql: postgres.Sql, step: RunKey & { step: string }, outputs: Refs, inputs: Refs): Promise<Refs> {
  const made = Object.entries(outputs).filter(isAsset);
  for (const name of [...new Set(made.map(([, { asset }]) => asset.name))].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${`flowyml asset ${name}`}, 0))`;
  const kept: Refs = { ...outputs };
  for (const [output, ref] of made) {
    const parents = await parentsOf(sql, ref.asset.parents, inputs);
    kept[output] = await keepAsset(sql, { ...step, output }, ref, parents);
  }
  return kept;
}

async function keepAsset(
  sql: postgres.Sql,
  place: RunKey & { step: string; output: string },
  ref: AssetRef,
  parents: string[],
): Promise<ArtifactRef> {
  const { asset } = ref;
  const { name, version = null, immutable = false } = asset;
  const properties = JSON.stringify(asset.properties);
  const [row] = await sql<{ version: string; revision: number | null; frozen: boolean; by: string | null }[]>`
    with same as (
      select version, revision from flowyml.assets
      where name = ${name} and (${version}::text is null or version = ${version}) and kind = ${asset.kind} and sha256 = ${ref.sha256}
        and ref->>'type' = ${ref.type} and properties = ${properties}::text::jsonb
      order by id desc limit 1
    ), target as (
      select coalesce(${version}::text, 'v' || (select coalesce(max(substring(version from '^v([0-9]{1,8})$')::int), 0) + 1 from flowyml.assets where name = ${name})) as version
    ), counted as (
      select target.version, coalesce(max(a.revision), 0) + 1 as revision, (coalesce(bool_or(a.immutable), false) or ${immutable}) and count(a.id) > 0 as frozen,
        (array_agg(a.run_id order by a.id desc))[1] as by
      from target left join flowyml.assets a on a.name = ${name} and a.version = target.version group by target.version
    ), inserted as (
      insert into flowyml.assets (name, version, revision, kind, sha256, immutable, properties, tags, parents, ref, run_id, execution_id, step, output)
      select ${name}, version, revision, ${asset.kind}, ${ref.sha256}, ${immutable}, ${properties}::text::jsonb, ${JSON.stringify(asset.tags)}::text::jsonb,
        array(select jsonb_array_elements_text(${JSON.stringify(parents)}::text::jsonb)),
        ${JSON.stringify(ref)}::text::jsonb #- '{asset,immutable}' || jsonb_build_object('asset', (${JSON.stringify(asset)}::text::jsonb - 'immutable') || jsonb_build_object('version', version, 'revision', revision)),
        ${place.runId}, ${place.executionId}, ${place.step}, ${place.output}
      from counted where not frozen and not exists (select 1 from same)
      returning version, revision
    )
    select coalesce(s.version, i.version, c.version) as version, coalesce(s.revision, i.revision) as revision, c.frozen, c.by
    from counted c left join same s on true left join inserted i on true`;
  if (!row) throw new Error(`asset '${name}' could not be kept`);
  if (row.revision === null) {
    throw new AssetImmutable(
      `asset '${name}@${row.version}' is immutable and holds other content or properties, made by run '${row.by}': give the new one another version`,
    );
  }
  const { immutable: _, ...info } = asset;
  return { ...ref, asset: { ...info, version: row.version, revision: row.revision } };
}

/** The assets that these hashes are of: those that the step took, else the newest with these bytes. */
async function parentsOf(sql: postgres.Sql, hashes: readonly string[], inputs: Refs): Promise<string[]> {
  const taken = new Map(Object.values(inputs).flatMap((ref) => (assetOf(ref) === undefined ? [] : [[ref.sha256, assetOf(ref) as string]])));
  const parents: string[] = [];
  for (const sha256 of hashes) {
    const known = taken.get(sha256);
    const [row] =
      known === undefined
        ? await sql<AssetName[]>`select name, version, revision from flowyml.assets where sha256 = ${sha256} order by id desc limit 1`
        : [];
    const parent = known ?? (row && assetId(row));
    if (parent !== undefined) parents.push(parent);
  }
  return parents;
}

/** The rows that say which assets a step took and gave. */
export function linksOf(step: RunKey & { step: string }, inputs: Refs, outputs: Refs): AssetLink[] {
  const { runId, executionId } = step;
  const rows = (direction: 'in' | 'out', refs: Refs) =>
    Object.entries(refs).flatMap(([name, ref]) => {
      const asset = assetOf(ref);
      return asset === undefined ? [] : [{ runId, executionId, step: step.step, direction, name, asset }];
    });
  return [...rows('in', inputs), ...rows('out', outputs)];
}

/** Writes them, in the transaction of a commit. */
export async function linkAssets(sql: postgres.Sql, links: readonly AssetLink[]): Promise<void> {
  if (!links.length) return;
  await sql`
    insert into flowyml.asset_links (run_id, execution_id, step, direction, name, asset)
    select l->>'runId', l->>'executionId', l->>'step', l->>'direction', l->>'name', l->>'asset'
    from jsonb_array_elements(${JSON.stringify(links)}::text::jsonb) as l
    on conflict do nothing`;
}

/** Writes those of steps that were answered by the cache. */
export async function writeAssetLinks(db: Database, links: readonly AssetLink[]): Promise<void> {
  for (let i = 0; i < links.length; i += 5000)
    await db.orm
      .insert(assetLinks)
      .values(links.slice(i, i + 5000))
      .onConflictDoNothing();
}

/** An asset by its name; the newest, and the newest revision, where the name leaves them open. Undefined if there is none. */
export async function findAsset(db: Database, { name, version, revision }: AssetName): Promise<AssetRow | undefined> {
  const [row] = await db.orm
    .select()
    .from(assets)
    .where(
      and(
        eq(assets.name, name),
        version === undefined ? undefined : eq(assets.version, version),
        revision === undefined ? undefined : eq(assets.revision, revision),
      ),
    )
    .orderBy(desc(version === undefined ? assets.id : assets.revision))
    .limit(1);
  return row;
}

/**
 * An asset as a person names it: `name`, `name@version` or `name@version#revision`.
 * @throws UsageError, with the nearest name or version, if there is none
 */
export async function requireAsset(db: Database, text: string): Promise<AssetRow> {
  const wanted = parseAssetName(text);
  const row = await findAsset(db, wanted);
  if (row) return row;
  const { name, version } = wanted;
  const versions = await listAssets(db, { name, limit: 200 });
  if (!versions.length) {
    const names = await listAssets(db, { limit: 1000 });
    throw new UsageError(
      `there is no asset '${name}'${hint(
        name,
        names.map((each) => each.name),
      )}`,
    );
  }
  const known = [...new Set(versions.map((each) => each.version))];
  if (version === undefined || !known.includes(version))
    throw new UsageError(`asset '${name}' has no version '${version}'${hint(version ?? '', known)}`);
  const last = Math.max(...versions.filter((each) => each.version === version).map((each) => each.revision));
  throw new UsageError(
    `asset '${name}@${version}' has no revision ${wanted.revision}; its last is ${assetId({ name, version, revision: last })}`,
  );
}

export interface AssetFilter {
  kind?: string;
  /** All revisions of all versions of this one. */
  name?: string;
  limit?: number;
}

/** Newest first: the newest of each name, with the number of its versions; or all that there is of one name. */
export async function listAssets(
  db: Database,
  { kind, name, limit = 100 }: AssetFilter = {},
): Promise<(AssetRow & { versions: number })[]> {
  // Spelt out: drizzle names a column without its table where a select has one table only.
  const versions = sql<number>`(select count(distinct a.version)::int from flowyml.assets a where a.name = flowyml.assets.name)`;
  const isNewest = sql`not exists (select 1 from flowyml.assets newer where newer.name = flowyml.assets.name and newer.id > flowyml.assets.id)`;
  const rows = await db.orm
    .select({ row: assets, versions })
    .from(assets)
    .where(and(name === undefined ? isNewest : eq(assets.name, name), kind === undefined ? undefined : eq(assets.kind, kind)))
    .orderBy(desc(assets.id))
    .limit(limit);
  return rows.map(({ row, versions }) => ({ ...row, versions }));
}

/** The steps that took or gave an asset, newest first. */
export async function assetUses(
  db: Database,
  asset: string,
  direction: 'in' | 'out',
  limit = 200,
): Promise<(typeof assetLinks.$inferSelect)[]> {
  return db.orm
    .select()
    .from(assetLinks)
    .where(and(eq(assetLinks.asset, asset), eq(assetLinks.direction, direction)))
    .orderBy(desc(assetLinks.at))
    .limit(limit);
}
