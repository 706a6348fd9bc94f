import { z } from 'zod';
import type { Asset, AssetSource, BytesSource, BytesValue, Row, TableSource, TableValue } from './values.ts';

const BRAND = Symbol.for('flowyml.artifact-type');

/**
 * How an output is kept and what the steps that take it receive. `Source` is what a step may return, `Value` what a
 * step is given. Artifact types are compared by kind, so a clone of the module in another process knows them too.
 */
export interface ArtifactType<Kind extends string = string, in Source = never, out Value = unknown> {
  readonly [BRAND]: true;
  readonly kind: Kind;
  /** For `file()`: the name that the file has where a step receives it. */
  readonly fileName?: string;
  /** For assets: the type of the data, and the asset's name and version where the declaration fixes them. */
  readonly of?: OutputType;
  readonly asset?: { readonly name?: string; readonly version?: string; readonly immutable?: boolean };
  /** For inputs made by `optional()`: the step runs without it where its producer was skipped. */
  readonly optional?: true;
  /** For inputs made by `asset()`: which asset it is, as `name`, `name@version` or `name@version#revision`. */
  readonly from?: string;
  /** For types made by `materializer()`. */
  readonly materializer?: Materializer<never, unknown>;
  /** Only for the compiler. */
  readonly _source?: (source: Source) => void;
  readonly _value?: () => Value;
}

/** A zod schema (plain data, kept as canonical JSON) or an artifact type with a format of its own. */
export type OutputType = z.ZodType | ArtifactType;

/** What a step may return for an output of this type. */
export type SourceOf<T> = T extends z.ZodType ? z.output<T> : T extends ArtifactType<string, infer Source, unknown> ? Source : never;
/** What a step receives for an input of this type. */
export type ValueOf<T> = T extends z.ZodType ? z.output<T> : T extends ArtifactType<string, never, infer Value> ? Value : never;

/** Turns values of one type into bytes and back. */
export interface Materializer<Source, Value = Source> {
  /** Names the format, such as `'image/png'`; part of the artifact's type. */
  type: string;
  write(value: Source): BytesSource | Promise<BytesSource>;
  read(bytes: BytesValue): Value | Promise<Value>;
}

type Described = Omit<ArtifactType, typeof BRAND | 'kind'>;

function artifactType<K extends string, S, V>(kind: K, extra: Described = {}): ArtifactType<K, S, V> {
  return { [BRAND]: true, kind, ...extra } as ArtifactType<K, S, V>;
}

/** Whether a value is an artifact type, made by this copy of flowyml or another. */
export const isArtifactType = (value: unknown): value is ArtifactType => typeof value === 'object' && value !== null && BRAND in value;

/** A table in Arrow's IPC stream format; steps may return rows, columns, Arrow tables, or an async iterable of batches. */
export const table = <R extends object = Row>() => artifactType<'table', TableSource<R>, TableValue<R>>('table');

/** Raw bytes, whole or streamed. */
export const bytes = () => artifactType<'bytes', BytesSource, BytesValue>('bytes');

/** A file: a step returns the path of what it wrote, and receives the path of its own copy. */
export const file = (options: { name?: string } = {}) =>
  artifactType<'file', string | URL, string>('file', options.name === undefined ? {} : { fileName: options.name });

/** A folder with all that is in it: a step returns its path, and receives the path of its own copy. */
export const directory = () => artifactType<'directory', string | URL, string>('directory');

/** An artifact type of one's own, kept as the bytes that `write` makes. */
export function materializer<Source, Value = Source>(definition: Materializer<Source, Value>) {
  return artifactType<'custom', Source, Value>('custom', { materializer: definition as Materializer<never, unknown> });
}

/**
 * An input that may be missing: the step runs without it, and gets `undefined`, where the step that makes it was skipped.
 * Plain data says the same by its schema: `z.number().optional()`.
 */
export function optional<K extends string, S, V>(type: ArtifactType<K, S, V>): ArtifactType<K, S, V | undefined> {
  return { ...type, optional: true } as ArtifactType<K, S, V | undefined>;
}

/** Whether an input of this type may be missing. */
export function isOptional(type: OutputType): boolean {
  // Asked of the schema, not tried out: refinements and codecs of the user's own expect a value.
  return isArtifactType(type) ? type.optional === true : type._zod.optin !== undefined;
}

export interface AssetOptions {
  /** The output's name unless given. */
  name?: string;
  /** Unless given, each new content becomes the next of `v1`, `v2`, … */
  version?: string;
  /** Other content under a version that is there already is an error, not another revision of it. */
  immutable?: boolean;
}

type AssetType<K extends string, T extends OutputType> = ArtifactType<K, AssetSource<SourceOf<T>>, Asset<ValueOf<T>>>;

/** A dataset: data of type `of` (a `table()` unless said otherwise) with a name, a version and properties. */
export function dataset<T extends OutputType = ReturnType<typeof table>>(of?: T, options: AssetOptions = {}): AssetType<'dataset', T> {
  return artifactType('dataset', { of: of ?? table(), asset: options });
}

/** A trained model: data of type `of` (a `file()` unless said otherwise) with a name, a version and properties. */
export function model<T extends OutputType = ReturnType<typeof file>>(of?: T, options: AssetOptions = {}): AssetType<'model', T> {
  return artifactType('model', { of: of ?? file(), asset: options });
}

/** Features made from datasets: data of type `of` (a `table()` unless said otherwise) with a name, a version and properties. */
export function featureSet<T extends OutputType = ReturnType<typeof table>>(
  of?: T,
  options: AssetOptions = {},
): AssetType<'featureSet', T> {
  return artifactType('featureSet', { of: of ?? table(), asset: options });
}

/** A report for people: text (HTML, Markdown) unless `of` says otherwise, such as `file()`, with a name, a version and properties. */
export function report<T extends OutputType = z.ZodString>(of?: T, options: AssetOptions = {}): AssetType<'report', T> {
  return artifactType('report', { of: of ?? z.string(), asset: options });
}

/** Named numbers about a model or a dataset. */
export type MetricValues = Record<string, number>;

/** Metrics: a step may return the numbers alone, or with a name, a version and a parent. */
export function metrics(
  options: AssetOptions = {},
): ArtifactType<'metrics', MetricValues | AssetSource<MetricValues>, Asset<MetricValues>> {
  return artifactType('metrics', { asset: options });
}

/** The type's name as it stands in plans and references: `json`, `table`, `dataset<table>`, `custom:image/png`. */
export function typeName(type: OutputType): string {
  if (!isArtifactType(type)) return 'json';
  if (type.materializer) return `custom:${type.materializer.type}`;
  return type.of ? `${type.kind}<${typeName(type.of)}>` : type.kind;
}

const SIMPLE = { table, bytes, file, directory, metrics, json: () => z.unknown() };
const ASSETS = { dataset, model, featureSet, report };

/** The type of a name that `typeName` gave; undefined for those that users made by `materializer()`. */
export function typeNamed(name: string): OutputType | undefined {
  const [, asset, inner] = /^(\w+)<(.+)>$/.exec(name) ?? [];
  if (asset !== undefined && inner !== undefined) {
    const of = typeNamed(inner);
    return of && Object.hasOwn(ASSETS, asset) ? ASSETS[asset as keyof typeof ASSETS](of) : undefined;
  }
  return Object.hasOwn(SIMPLE, name) ? SIMPLE[name as keyof typeof SIMPLE]() : undefined;
}
