import type { Data, DataType, Vector } from 'apache-arrow';
import type { Arrow } from './arrow.ts';

/** Values of a column, as JavaScript has them: a typed array where the type has one and nothing is null, else an array. */
export function columnValues(arrow: Arrow, data: Data): ArrayLike<unknown> {
  const { DataType } = arrow;
  const { type } = data;
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return each(arrow, data, (value) => new Date(value as number));
  if (DataType.isList(type) || DataType.isFixedSizeList(type) || DataType.isLargeList(type))
    return each(arrow, data, (list) => listValues(arrow, list as Vector));
  if (DataType.isStruct(type)) return structValues(arrow, data, type);
  if (DataType.isMap(type)) return each(arrow, data, (map) => Object.fromEntries(map as Iterable<[string, unknown]>));
  if (isNumber(arrow, type) && data.nullCount === 0) return (data.values as Float64Array).subarray(0, data.length);
  return each(arrow, data, (value) => value);
}

const isNumber = ({ DataType, Precision }: Arrow, type: DataType): boolean =>
  DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF);

function each(arrow: Arrow, data: Data, use: (value: unknown) => unknown): unknown[] {
  const vector = new arrow.Vector([data]);
  const values = new Array<unknown>(data.length);
  for (let i = 0; i < data.length; i++) {
    const value: unknown = vector.get(i);
    values[i] = value === null ? null : use(value);
  }
  return values;
}

/** A list of what rows call numbers (float64) is an array; of other numbers, a typed array of their kind. */
function listValues(arrow: Arrow, list: Vector): ArrayLike<unknown> {
  const [data] = list.data;
  if (!data) return [];
  const values = columnValues(arrow, data);
  return Array.isArray(values) || !arrow.DataType.isFloat(data.type) || data.type.precision !== arrow.Precision.DOUBLE
    ? values
    : Array.from(values);
}

function structValues(arrow: Arrow, data: Data, type: DataType): unknown[] {
  const columns = data.children.map((child, i): [string, ArrayLike<unknown>] => [
    String(type.children[i]?.name),
    columnValues(arrow, child),
  ]);
  return Array.from({ length: data.length }, (_, i) => (data.getValid(i) ? rowOf(columns, i) : null));
}

/** The object of one row. */
export function rowOf(columns: readonly [string, ArrayLike<unknown>][], index: number): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, values] of columns) row[name] = values[index];
  return row;
}

/** Pieces of one column, one after the other: a typed array where all are of one kind, else an array. */
export function joined(pieces: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  const [first] = pieces;
  if (!first) return [];
  if (pieces.length === 1) return first;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const kind = first.constructor as new (length: number) => { set(values: ArrayLike<unknown>, at: number): void } & ArrayLike<unknown>;
  if (ArrayBuffer.isView(first) && pieces.every((piece) => piece.constructor === kind)) {
    const whole = new kind(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
  const whole = new Array<unknown>(length);
  let at = 0;
  for (const piece of pieces) for (let i = 0; i < piece.length; i++) whole[at++] = piece[i];
  return whole;
}
