import type { ArtifactType, OutputType } from '../pipelines/artifact-types.ts';
import { isArtifactType, typeName } from '../pipelines/artifact-types.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { JsonObject } from '../pipelines/json.ts';
import { hint } from '../pipelines/names.ts';
import type { ArtifactRef, AssetInfo } from '../pipelines/run-result.ts';
import type { Asset } from '../pipelines/values.ts';
import { canonicalJson, NotJson } from './canonical.ts';
import type { LoadContext, SaveContext } from './context.ts';
import { describeValue, formatBytes, pathText } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import { readJson, saveJsonValue } from './json.ts';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
// `@` and `#` separate a version from the name and from its revision: fraud-detector@v3#2.
const VERSION = /^[^\s@#\p{C}]{1,64}$/u;
// PostgreSQL keeps neither NUL nor halves of surrogate pairs; as JSON spells them.
const NOT_KEPT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
const SHA256 = /^[0-9a-f]{64}$/;
// They travel inside the reference.
const MOST_PROPERTIES = 16 * 1024;
const SOURCE_KEYS = ['data', 'name', 'version', 'parent', 'properties', 'tags'];
// What an asset has that a step received; it may be returned as it is.
const ASSET_KEYS = ['kind', 'sha256', 'revision'];

type Save = (type: OutputType, value: unknown, ctx: SaveContext) => Promise<ArtifactRef>;
type Load = (type: OutputType, ref: ArtifactRef, ctx: LoadContext) => Promise<unknown>;

/** Keeps an asset: its data by the inner type, and beside it, in the reference, what is known of this version. */
export async function saveAsset(type: ArtifactType, value: unknown, ctx: SaveContext, save: Save): Promise<ArtifactRef> {
  const source = assetSource(type, value, ctx.output);
  const asset = assetInfo(type, source, ctx.output);
  const inner = type.of ? await saveInner(type.of, source.data, ctx, save) : await saveMetrics(source.data, ctx);
  return { ...inner, type: typeName(type), asset };
}

/** The asset, with its data as the inner type gives it. */
export async function loadAsset(type: ArtifactType, ref: ArtifactRef, ctx: LoadContext, load: Load): Promise<Asset<unknown>> {
  const info = ref.asset;
  if (!info) throw new UsageError(`input '${ctx.input}' expects an asset (${typeName(type)}), and the artifact says nothing of one`);
  const data = type.of ? await load(type.of, { ...ref, type: typeName(type.of) }, ctx) : await readJson(ref, ctx.store);
  return new LoadedAsset(info, ref.sha256, data);
}

function saveInner(type: OutputType, data: unknown, ctx: SaveContext, save: Save): Promise<ArtifactRef> {
  const isAsset = isArtifactType(type) && (type.of || type.asset);
  if (isAsset)
    throw new UsageError(`output '${ctx.output}' is declared as an asset of an asset: give the outer one the inner one's data type`);
  return save(type, data, ctx);
}

function saveMetrics(data: unknown, ctx: SaveContext): Promise<ArtifactRef> {
  for (const [name, value] of Object.entries(data as object)) {
    if (typeof value === 'number' && Number.isFinite(value)) continue;
    throw outputInvalid(ctx.output, pathText([name]), `expected a finite number, received ${describeValue(value)}`);
  }
  return saveJsonValue('json', data, ctx);
}

function assetSource(type: ArtifactType, value: unknown, output: string): Record<string, unknown> & { data: unknown } {
  if (isObject(value)) {
    // Metrics may come as the numbers alone: then `data`, if there is such a metric, is a number.
    if (!type.of && !isObject(value.data)) return { data: value };
    const { data } = value;
    if (data !== undefined) {
      const unknown = Object.keys(value).find((key) => ![...SOURCE_KEYS, ...ASSET_KEYS].includes(key));
      if (unknown)
        throw outputInvalid(output, '', `an asset has no '${unknown}'${hint(unknown, SOURCE_KEYS)}; put your own keys into 'properties'`);
      return { ...value, data };
    }
  }
  const numbers = type.of ? '' : 'an object of numbers, or ';
  const expected = `${numbers}{ data, name?, version?, parent?, properties?, tags? }`;
  throw outputInvalid(
    output,
    '',
    `a step returns a ${typeName(type)} as ${expected}, where data is what is kept; received ${describeValue(value)}`,
  );
}

function assetInfo(type: ArtifactType, source: Record<string, unknown>, output: string): AssetInfo {
  const name = source.name ?? type.asset?.name ?? output;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw outputInvalid(output, 'name', `expected 1 to 64 letters, digits, '_', '-' or '.', received ${describeValue(name)}`);
  }
  const version = source.version ?? type.asset?.version;
  if (version !== undefined && (typeof version !== 'string' || !VERSION.test(version))) {
    throw outputInvalid(
      output,
      'version',
      `expected 1 to 64 characters without white space, '@' and '#', received ${describeValue(version)}`,
    );
  }
  return {
    kind: type.kind,
    name,
    ...(version !== undefined && { version }),
    ...(type.asset?.immutable && { immutable: true as const }),
    properties: propertiesOf(source.properties, output),
    tags: tagsOf(source.tags, output),
    parents: parentsOf(source.parent, output),
  };
}

function propertiesOf(properties: unknown, output: string): JsonObject {
  if (properties === undefined) return {};
  if (!isObject(properties)) {
    throw outputInvalid(output, 'properties', `expected an object, received ${describeValue(properties)}`);
  }
  try {
    const text = canonicalJson(properties);
    if (text.length > MOST_PROPERTIES) {
      const size = `${formatBytes(text.length)} of JSON, and at most ${formatBytes(MOST_PROPERTIES)} are allowed`;
      throw outputInvalid(output, 'properties', `have ${size}: keep large things in data, or in an output of their own`);
    }
    if (NOT_KEPT.test(text)) throw outputInvalid(output, 'properties', 'hold a NUL character, which cannot be kept');
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw error instanceof NotJson ? outputInvalid(output, pathText(['properties', ...error.path]), error.problem) : error;
  }
}

function tagsOf(tags: unknown, output: string): Record<string, string> {
  if (tags === undefined) return {};
  if (!isObject(tags)) throw outputInvalid(output, 'tags', `expected an object of strings, received ${describeValue(tags)}`);
  for (const [key, value] of Object.entries(tags)) {
    if (typeof value !== 'string')
      throw outputInvalid(output, pathText(['tags', key]), `expected a string, received ${describeValue(value)}`);
  }
  if (NOT_KEPT.test(JSON.stringify(tags))) throw outputInvalid(output, 'tags', 'hold a NUL character, which cannot be kept');
  return { ...(tags as Record<string, string>) };
}

function parentsOf(parent: unknown, output: string): string[] {
  const parents: unknown[] = parent === undefined ? [] : Array.isArray(parent) ? parent : [parent];
  const hashes = parents.map((asset) => {
    if (isObject(asset) && typeof asset.sha256 === 'string' && SHA256.test(asset.sha256)) return asset.sha256;
    throw outputInvalid(
      output,
      'parent',
      `expected an asset that the step received, or an array of them; received ${describeValue(asset)}`,
    );
  });
  return [...new Set(hashes)];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

class LoadedAsset implements Asset<unknown> {
  readonly kind: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly revision: number | undefined;
  readonly properties: JsonObject;
  readonly tags: Record<string, string>;
  readonly sha256: string;
  readonly data: unknown;

  constructor(info: AssetInfo, sha256: string, data: unknown) {
    this.kind = info.kind;
    this.name = info.name;
    this.version = info.version;
    this.revision = info.revision;
    this.properties = structuredClone(info.properties);
    this.tags = { ...info.tags };
    this.sha256 = sha256;
    this.data = data;
  }

  /** What is known of the asset, without its data. */
  toJSON(): JsonObject {
    const { kind, name, version, revision, properties, tags, sha256 } = this;
    return { kind, name, ...(version !== undefined && { version }), ...(revision !== undefined && { revision }), properties, tags, sha256 };
  }
}
