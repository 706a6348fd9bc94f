import type { Data, RecordBatch, Table, Vector } from 'apache-arrow';
import type { TableValue } from '../pipelines/values.ts';
import type { Arrow } from './arrow.ts';
import { buildColumn } from './column-build.ts';
import { ColumnProblem, type ColumnType, inferColumn, typedKind, typeText } from './column-types.ts';
import { describeValue } from './describe.ts';

const EXPECTED = 'rows (an array of objects), columns (an object of arrays), an Arrow table, or an iterable of batches';
/** Why an Arrow table is refused that our apache-arrow did not make. */
export const OTHER_ARROW =
  "received an Arrow table made by another copy of apache-arrow: install the version that flowyml has (see 'npm ls apache-arrow') " +
  'and load it by import, not require; or return rows or columns';

const MOST_ROWS = 65_536;
const MOST_CELLS = 2_000_000;

/** Rows of one batch: 65,536, fewer for tables of more than 30 columns, so that a batch stays within some 16 MB of numbers. */
export const rowsPerBatch = (columns: number): number =>
  Math.max(1_000, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / Math.max(1, columns))));

/** Whatever a step may return for a table, as Arrow batches, made one at a time. Throws `ColumnProblem`. */
export async function* batchesFrom(arrow: Arrow, source: unknown): AsyncGenerator<RecordBatch> {
  const whole = wholeBatches(arrow, source);
  if (whole) yield* whole;
  else if (isTableValue(source)) yield* source.batches();
  else if (isIterable(source)) yield* streamedBatches(arrow, source);
  else if (isColumns(source)) yield* columnBatches(arrow, source, new Columns());
  else throw new ColumnProblem('', `expected ${EXPECTED}, received ${describeValue(source)}`);
}

function wholeBatches(arrow: Arrow, source: unknown): Iterable<RecordBatch> | undefined {
  if (arrow.RecordBatch.isRecordBatch(source)) return [source as RecordBatch];
  if (arrow.Table.isTable(source)) return tableBatches(arrow, source as Table);
  if (looksLikeArrow(source)) throw new ColumnProblem('', OTHER_ARROW);
  if (!Array.isArray(source)) return undefined;
  if (isArrowPiece(arrow, source[0])) return source.flatMap((piece: unknown) => [...(wholeBatches(arrow, piece) ?? notAPiece(piece))]);
  return rowBatches(arrow, source, new Columns());
}

function tableBatches(arrow: Arrow, { batches, schema }: Table): Iterable<RecordBatch> {
  if (batches.length) return batches;
  // A table without batches has columns nevertheless.
  const children = schema.fields.map(({ type }) => arrow.makeData({ type }));
  return [new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length: 0, nullCount: 0, children }))];
}

async function* streamedBatches(arrow: Arrow, pieces: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<RecordBatch> {
  const columns = new Columns();
  for await (const piece of pieces) {
    if (Array.isArray(piece)) yield* rowBatches(arrow, piece, columns);
    else if (isArrowPiece(arrow, piece) || looksLikeArrow(piece)) yield* wholeBatches(arrow, piece) ?? [];
    else if (isColumns(piece)) yield* columnBatches(arrow, piece, columns);
    else notAPiece(piece);
  }
}

function notAPiece(piece: unknown): never {
  throw new ColumnProblem(
    '',
    `expected batches: Arrow record batches or tables, arrays of rows, or objects of columns; received ${describeValue(piece)}`,
  );
}

/** The columns' types as far as rows and arrays have shown them; the first piece that is not empty settles their names. */
class Columns {
  private readonly types = new Map<string, ColumnType>();
  private row = 0;
  private settled = false;

  get names(): string[] {
    return [...this.types.keys()];
  }

  /** Takes the types of the next piece into account. */
  learn(name: string, values: ArrayLike<unknown>, firstRow: number): void {
    const known = this.types.get(name);
    const place = `column '${name}'`;
    if (this.settled && !known) {
      throw new ColumnProblem(place, `is not in the first batch, which has the columns ${this.names.join(', ')}`);
    }
    const typed = typedKind(values);
    const type: ColumnType = typed ? { kind: typed } : inferColumn(values, place, this.row + firstRow, known);
    if (this.settled && known && typeText(known) !== typeText(type)) {
      const advice = 'let the first batch hold a value for it, or return Arrow batches, which have a schema';
      throw new ColumnProblem(place, `is ${typeText(type)} here and ${typeText(known)} in the first batch: ${advice}`);
    }
    this.types.set(name, type);
  }

  settle(rows: number): void {
    this.row += rows;
    if (rows) this.settled = true;
  }

  /** A batch of the values that `valuesOf` gives for each column. */
  batch(arrow: Arrow, length: number, valuesOf: (name: string) => ArrayLike<unknown>): RecordBatch {
    const children = [...this.types].map(([name, type]) => buildColumn(arrow, type, valuesOf(name)));
    return batchOf(arrow, this.names, children, length);
  }
}

function batchOf(arrow: Arrow, names: string[], children: Data[], length: number): RecordBatch {
  const schema = new arrow.Schema(names.map((name, i) => new arrow.Field(name, (children[i] as Data).type, true)));
  return new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children }));
}

function* rowBatches(arrow: Arrow, rows: readonly unknown[], columns: Columns): Generator<RecordBatch> {
  const names = new Set(columns.names);
  for (const [i, row] of rows.entries()) {
    if (!isColumns(row)) throw new ColumnProblem(`row ${i}`, `expected an object, received ${describeValue(row)}`);
    for (const name in row) names.add(name);
  }
  if (rows.length && !names.size) throw new ColumnProblem('', 'expected rows with columns, received objects without keys');
  const size = rowsPerBatch(names.size);
  const valuesOf = (name: string, start: number) => rows.slice(start, start + size).map((row) => (row as Record<string, unknown>)[name]);
  for (const name of names)
    for (let start = 0; start < rows.length || start === 0; start += size) columns.learn(name, valuesOf(name, start), start);
  columns.settle(rows.length);
  for (let start = 0; start < rows.length; start += size) {
    yield columns.batch(arrow, Math.min(size, rows.length - start), (name) => valuesOf(name, start));
  }
}

function* columnBatches(arrow: Arrow, source: Record<string, unknown>, columns: Columns): Generator<RecordBatch> {
  const given = Object.entries(source);
  const length = lengthOf(given);
  if (given.some(([, values]) => arrow.Vector.isVector(values))) {
    yield* vectorBatches(arrow, given);
    return;
  }
  const missing = columns.names.find((name) => !(name in source));
  if (missing) throw new ColumnProblem(`column '${missing}'`, 'is in the first batch, and missing in a later one');
  for (const [name, values] of given) columns.learn(name, values as ArrayLike<unknown>, 0);
  columns.settle(length);
  const size = rowsPerBatch(given.length);
  for (let start = 0; start < length || start === 0; start += size) {
    const end = Math.min(start + size, length);
    yield columns.batch(arrow, end - start, (name) => slice(source[name] as ArrayLike<unknown>, start, end));
  }
}

function vectorBatches(arrow: Arrow, columns: [string, unknown][]): Iterable<RecordBatch> {
  const vectors = columns.map(([name, values]): [string, Vector] => {
    if (arrow.Vector.isVector(values)) return [name, values];
    const array = values as ArrayLike<unknown>;
    return [name, new arrow.Vector([buildColumn(arrow, inferColumn(array, `column '${name}'`), array)])];
  });
  return new arrow.Table(Object.fromEntries(vectors)).batches;
}

function lengthOf(columns: [string, unknown][]): number {
  const [first] = columns;
  if (!first) throw new ColumnProblem('', 'expected columns, received an object without keys');
  for (const [name, values] of columns) {
    if (!isArrayLike(values)) throw new ColumnProblem(`column '${name}'`, `expected an array, received ${describeValue(values)}`);
    const [firstLength, length] = [(first[1] as ArrayLike<unknown>).length, values.length];
    if (length !== firstLength)
      throw new ColumnProblem(`column '${name}'`, `has ${length} values, and column '${first[0]}' has ${firstLength}`);
  }
  return (first[1] as ArrayLike<unknown>).length;
}

const looksLikeArrow = (value: unknown): boolean =>
  isObject(value) &&
  'schema' in value &&
  isObject(value.schema) &&
  'fields' in value.schema &&
  ('batches' in value || 'data' in value) &&
  !isTableValue(value);
const isArrowPiece = (arrow: Arrow, value: unknown): boolean => arrow.Table.isTable(value) || arrow.RecordBatch.isRecordBatch(value);

function slice(values: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  if (Array.isArray(values)) return values.slice(start, end);
  return typedKind(values) ? (values as Uint8Array).subarray(start, end) : Array.from(values).slice(start, end);
}

// An array, a typed array, an Arrow vector: not a string, and not a DataView, which has no elements.
const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === 'object' && value !== null && 'length' in value && typeof value.length === 'number';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value);
const isColumns = (value: unknown): value is Record<string, unknown> => isObject(value) && !isIterable(value) && !(value instanceof Date);
const isTableValue = (value: unknown): value is TableValue => isObject(value) && 'batches' in value && typeof value.batches === 'function';
