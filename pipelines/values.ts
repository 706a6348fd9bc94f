import type { RecordBatch, Schema, Table } from 'apache-arrow';
import type { JsonObject } from './json.ts';

/** A plain row of a table. */
export type Row = Record<string, unknown>;

/** What a step may return for a `table()` output. Async iterables are written batch by batch, in bounded memory. */
export type TableSource<R extends object = Row> =
  | readonly R[]
  | { readonly [C in keyof R]: ArrayLike<R[C]> }
  | Table
  | RecordBatch
  | Iterable<RecordBatch | Table>
  | AsyncIterable<RecordBatch | Table | readonly R[] | { readonly [C in keyof R]: ArrayLike<R[C]> }>;

/** What a step receives for a `table()` input. Nothing is read before one of its methods is called. */
export interface TableValue<R extends object = Row> {
  readonly numRows: number;
  /** Arrow record batches, one at a time: the way to read tables that do not fit into memory. */
  batches(): AsyncIterable<RecordBatch>;
  schema(): Promise<Schema>;
  /** The whole table, in Arrow's columnar form. */
  toArrow(): Promise<Table>;
  /** The whole table as arrays (typed arrays where the type has one), one a column. */
  toColumns(): Promise<{ [C in keyof R]: ArrayLike<R[C]> }>;
  /** The whole table as an object a row. */
  toArray(): Promise<R[]>;
}

/** What a step may return for a `bytes()` output. */
export type BytesSource = Uint8Array | AsyncIterable<Uint8Array>;

/** What a step receives for a `bytes()` input; what a materializer's `read` is given. */
export interface BytesValue {
  /** In bytes. */
  readonly size: number;
  stream(): AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
}

/** What a step returns for an asset output: the data, and what is to be known of this version of it. */
export interface AssetSource<T> {
  data: T;
  /** Default: the name given in the output's declaration, else the output's name. */
  name?: string;
  version?: string;
  /** The assets this one was made from. */
  parent?: Asset<unknown> | readonly Asset<unknown>[];
  properties?: JsonObject;
  tags?: Record<string, string>;
}

/** What a step receives for an asset input: typed data with a name, a version and properties. */
export interface Asset<T> {
  readonly kind: string;
  readonly name: string;
  readonly version: string | undefined;
  /** Which of the contents that were kept under this version; undefined before the step that made it has ended. */
  readonly revision?: number | undefined;
  readonly properties: JsonObject;
  readonly tags: Record<string, string>;
  readonly data: T;
  /** SHA-256 of the bytes, in hex. */
  readonly sha256: string;
  toJSON(): JsonObject;
}
