import type { Data, Dictionary, RecordBatch, Schema } from 'apache-arrow';
import type { Arrow } from './arrow.ts';
import { buildColumn } from './column-build.ts';
import { ColumnProblem } from './column-types.ts';
import { columnValues } from './column-values.ts';
import { OTHER_ARROW, rowsPerBatch } from './table-source.ts';

/**
 * Brings batches into one form, so that the stored bytes depend on the data and not on how a step came by it: all with
 * the first one's schema, dictionary columns unpacked (Arrow numbers them by a counter of the process), every column
 * nullable, large batches split. Throws `ColumnProblem` where a batch has other columns than the first.
 */
export async function* conformed(arrow: Arrow, batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  let schema: Schema | undefined;
  let empty: RecordBatch | undefined;
  for await (const given of batches) {
    const batch = unpacked(arrow, given, schema);
    if (!batch.numRows) {
      empty ??= batch;
      continue;
    }
    if (schema) compare(schema, batch.schema);
    schema ??= batch.schema;
    yield* split(arrow, batch);
  }
  // Only to say which columns there would have been.
  if (!schema && empty) yield empty;
}

function unpacked(arrow: Arrow, batch: RecordBatch, known: Schema | undefined): RecordBatch {
  // Arrow takes batches of another copy of itself for its own, and then writes bytes that nobody can read.
  if (!batch.schema.fields.every(({ type }) => type instanceof arrow.DataType)) throw new ColumnProblem('', OTHER_ARROW);
  const children = batch.data.children.map((data) => (arrow.DataType.isDictionary(data.type) ? unpackedColumn(arrow, data) : data));
  const fields = batch.schema.fields.map(({ name, metadata }, i) => new arrow.Field(name, (children[i] as Data).type, true, metadata));
  const schema = new arrow.Schema(fields, known?.metadata ?? batch.schema.metadata);
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: batch.numRows, nullCount: 0, children });
  return new arrow.RecordBatch(schema, data);
}

function unpackedColumn(arrow: Arrow, data: Data): Data {
  const values = columnValues(arrow, data);
  const type = (data.type as Dictionary).dictionary;
  if (arrow.DataType.isUtf8(type)) return buildColumn(arrow, { kind: 'utf8' }, values);
  return arrow.vectorFromArray(Array.from(values), type).data[0] as Data;
}

function compare(first: Schema, other: Schema): void {
  const [expected, found] = [first, other].map(({ fields }) => new Map(fields.map(({ name, type }) => [name, String(type)])));
  for (const [name, type] of expected ?? []) {
    const here = found?.get(name);
    if (here === undefined) throw new ColumnProblem(`column '${name}'`, 'is in the first batch, and missing in a later one');
    if (here !== type) throw new ColumnProblem(`column '${name}'`, `is ${type} in the first batch, and ${here} in a later one`);
  }
  for (const name of found?.keys() ?? []) {
    if (!expected?.has(name)) throw new ColumnProblem(`column '${name}'`, 'is not in the first batch, but in a later one');
  }
  const order = ({ fields }: Schema) => fields.map(({ name }) => name).join(', ');
  if (order(first) !== order(other))
    throw new ColumnProblem('', `columns are in another order (${order(other)}) than in the first batch (${order(first)})`);
}

function* split(arrow: Arrow, batch: RecordBatch): Generator<RecordBatch> {
  const size = rowsPerBatch(batch.numCols);
  // A slice of a view type keeps the whole of its buffers, so that pieces would be larger than the whole.
  const hasViews = batch.schema.fields.some(({ type }) => arrow.DataType.isUtf8View(type) || arrow.DataType.isBinaryView(type));
  if (batch.numRows <= size || hasViews) {
    yield batch;
    return;
  }
  for (let start = 0; start < batch.numRows; start += size) yield batch.slice(start, start + size);
}
