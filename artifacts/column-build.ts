import type { Data, DataType } from 'apache-arrow';
import type { Arrow } from './arrow.ts';
import { ColumnProblem, type ColumnType, NUMBER_KINDS, type NumberKind, type TypedArray, typedKind } from './column-types.ts';

/** Arrow's type for a column. Strings are not dictionaries, so that batches agree and bytes depend on the values alone. */
export function arrowType(arrow: Arrow, type: ColumnType): DataType {
  switch (type.kind) {
    case 'null':
      return new arrow.Null();
    case 'bool':
      return new arrow.Bool();
    case 'utf8':
      return new arrow.Utf8();
    case 'binary':
      return new arrow.Binary();
    case 'timestamp':
      // A Date is a point in time, which in Arrow is a timestamp with a zone.
      return new arrow.TimestampMillisecond('UTC');
    case 'list':
      return new arrow.List(new arrow.Field('item', arrowType(arrow, type.of), true));
    case 'struct':
      return new arrow.Struct([...type.fields].map(([name, field]) => new arrow.Field(name, arrowType(arrow, field), true)));
    default:
      return numberType(arrow, type.kind);
  }
}

function numberType(arrow: Arrow, kind: NumberKind): DataType {
  const types = {
    float64: arrow.Float64,
    float32: arrow.Float32,
    int8: arrow.Int8,
    int16: arrow.Int16,
    int32: arrow.Int32,
    int64: arrow.Int64,
    uint8: arrow.Uint8,
    uint16: arrow.Uint16,
    uint32: arrow.Uint32,
    uint64: arrow.Uint64,
  };
  return new types[kind]();
}

/** A column's values in Arrow's form; all must be of the type given. Typed arrays are taken as they are, not copied. */
export function buildColumn(arrow: Arrow, type: ColumnType, values: ArrayLike<unknown>): Data {
  const common = { type: arrowType(arrow, type), length: values.length };
  // Given to a function that takes each type's own shape, which a union of types cannot say.
  const make = (props: object) => arrow.makeData({ ...common, ...props } as never) as unknown as Data;
  if (type.kind === 'null') return make({});
  const typed = typedKind(values);
  if (typed && typed === type.kind) return make({ nullCount: 0, data: values });
  const nulls = nullsOf(values);
  switch (type.kind) {
    case 'bool':
      return make({ ...nulls, data: bitmap(values, (value) => value === true) });
    case 'utf8':
      return make({ ...nulls, ...packStrings(values) });
    case 'binary':
      return make({ ...nulls, ...pack(values, (value) => (value as Uint8Array).length, writeBytes) });
    case 'timestamp':
      return make({ ...nulls, data: BigInt64Array.from(values, (value) => (isNull(value) ? 0n : BigInt((value as Date).getTime()))) });
    case 'list':
      return make({ ...nulls, ...listOf(arrow, type.of, values as ArrayLike<ArrayLike<unknown> | null | undefined>) });
    case 'struct': {
      const children = [...type.fields].map(([name, field]) => {
        return buildColumn(
          arrow,
          field,
          Array.from(values as ArrayLike<Record<string, unknown> | null | undefined>, (row) => row?.[name]),
        );
      });
      return make({ ...nulls, children });
    }
    default:
      return make({ ...nulls, data: numbers(type.kind, values) });
  }
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

function nullsOf(values: ArrayLike<unknown>): { nullCount: number; nullBitmap?: Uint8Array } {
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) if (isNull(values[i])) nullCount++;
  return nullCount ? { nullCount, nullBitmap: bitmap(values, (value) => !isNull(value)) } : { nullCount };
}

function bitmap(values: ArrayLike<unknown>, isSet: (value: unknown) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) if (isSet(values[i])) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

function numbers(kind: NumberKind, values: ArrayLike<unknown>): TypedArray {
  const array = NUMBER_KINDS.find(([name]) => name === kind)?.[1] ?? Float64Array;
  const whole = new array(values.length);
  const isBig = whole instanceof BigInt64Array || whole instanceof BigUint64Array;
  for (let i = 0; i < values.length; i++) whole[i] = (values[i] ?? (isBig ? 0n : 0)) as never;
  return whole;
}

function packStrings(values: ArrayLike<unknown>) {
  // Null and undefined join as nothing. ASCII, seen by its length, needs no measuring and writing of each string.
  const joined = Array.prototype.join.call(values, '');
  const data = Buffer.from(joined);
  if (data.length === joined.length) return { valueOffsets: offsets(values, (value) => (value as string).length), data };
  return pack(values, (value) => Buffer.byteLength(value as string), writeString);
}

/** Values of varying length, one after the other, and where each begins. */
function pack(values: ArrayLike<unknown>, lengthOf: (value: unknown) => number, write: (value: unknown, to: Buffer, at: number) => void) {
  const valueOffsets = offsets(values, lengthOf);
  const data = Buffer.alloc(valueOffsets[values.length] ?? 0);
  for (let i = 0; i < values.length; i++) if (!isNull(values[i])) write(values[i], data, valueOffsets[i] ?? 0);
  return { valueOffsets, data };
}

function offsets(values: ArrayLike<unknown>, lengthOf: (value: unknown) => number): Int32Array {
  const starts = new Int32Array(values.length + 1);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    if (!isNull(values[i])) end += lengthOf(values[i]);
    if (end > 0x7fff_ffff) throw new ColumnProblem('', 'a batch of a table holds at most 2 GiB in one column: return smaller batches');
    starts[i + 1] = end;
  }
  return starts;
}

const writeString = (value: unknown, to: Buffer, at: number) => to.write(value as string, at);
const writeBytes = (value: unknown, to: Buffer, at: number) => to.set(value as Uint8Array, at);

function listOf(arrow: Arrow, of: ColumnType, lists: ArrayLike<ArrayLike<unknown> | null | undefined>) {
  const valueOffsets = offsets(lists, (list) => (list as ArrayLike<unknown>).length);
  const elements = new Array<unknown>(valueOffsets[lists.length] ?? 0);
  let at = 0;
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i];
    for (let j = 0; list && j < list.length; j++) elements[at++] = list[j];
  }
  return { valueOffsets, child: buildColumn(arrow, of, elements) };
}
