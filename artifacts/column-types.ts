import { describeValue } from './describe.ts';

/** The types that values of a column can have without being told: of JavaScript's own, and of typed arrays' elements. */
export type ColumnType =
  | { kind: 'null' | 'bool' | 'utf8' | 'timestamp' | 'binary' | NumberKind }
  | { kind: 'list'; of: ColumnType }
  | { kind: 'struct'; fields: Map<string, ColumnType> };

export type NumberKind = (typeof NUMBER_KINDS)[number][0];
export type TypedArray = InstanceType<(typeof NUMBER_KINDS)[number][1]>;

/** Kinds of numbers with the typed array that holds each. */
export const NUMBER_KINDS = [
  ['float64', Float64Array],
  ['int64', BigInt64Array],
  ['float32', Float32Array],
  ['int8', Int8Array],
  ['int16', Int16Array],
  ['int32', Int32Array],
  ['uint8', Uint8Array],
  ['uint16', Uint16Array],
  ['uint32', Uint32Array],
  ['uint64', BigUint64Array],
  ['uint8', Uint8ClampedArray],
] as const;

/** A value in a table that has no type, or another type than those above it in its column. */
export class ColumnProblem extends Error {
  /** `column 'delay', row 3`. */
  readonly place: string;

  constructor(place: string, problem: string) {
    super(problem);
    this.place = place;
  }
}

/** The typed array's kind of number; undefined for anything else. */
export const typedKind = (value: unknown): NumberKind | undefined =>
  ArrayBuffer.isView(value) ? NUMBER_KINDS.find(([, array]) => value instanceof array)?.[0] : undefined;

const NULL: ColumnType = { kind: 'null' };

/** The type of all values of a column, beginning with the one known so far. Throws `ColumnProblem`. */
export function inferColumn(values: ArrayLike<unknown>, place: string, firstRow = 0, known: ColumnType = NULL): ColumnType {
  let type = known;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    if (type.kind === 'float64' && typeof value === 'number') continue;
    if (type.kind === 'utf8' && typeof value === 'string') continue;
    const here = `${place}, row ${firstRow + i}`;
    type = merge(type, typeOfValue(value, here), here, value);
  }
  return type;
}

function merge(type: ColumnType, other: ColumnType, place: string, value: unknown): ColumnType {
  if (type.kind === 'null') return other;
  if (other.kind === 'null') return type;
  if (type.kind === 'list' && other.kind === 'list') return { kind: 'list', of: merge(type.of, other.of, place, value) };
  if (type.kind === 'struct' && other.kind === 'struct') {
    const fields = new Map(type.fields);
    for (const [name, field] of other.fields) fields.set(name, merge(fields.get(name) ?? NULL, field, `${place}, field '${name}'`, value));
    return { kind: 'struct', fields };
  }
  if (type.kind === other.kind) return type;
  throw new ColumnProblem(place, `expected ${typeText(type)} like the values before it, received ${describeValue(value)}`);
}

function typeOfValue(value: unknown, place: string): ColumnType {
  switch (typeof value) {
    case 'number':
      return { kind: 'float64' };
    case 'string':
      return { kind: 'utf8' };
    case 'boolean':
      return { kind: 'bool' };
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return { kind: 'int64' };
      throw new ColumnProblem(place, `expected a bigint of at most 64 bits, received ${describeValue(value)}`);
    case 'object':
      if (value !== null) return typeOfObject(value, place);
      return NULL;
    default:
      throw unknownType(value, place);
  }
}

function typeOfObject(value: object, place: string): ColumnType {
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return { kind: 'timestamp' };
    throw new ColumnProblem(place, 'expected a valid date, received an invalid Date');
  }
  if (value instanceof Uint8Array) return { kind: 'binary' };
  const typed = typedKind(value);
  if (typed) return { kind: 'list', of: { kind: typed } };
  if (Array.isArray(value)) return { kind: 'list', of: inferColumn(value, `${place}, element`) };
  if (ArrayBuffer.isView(value) || Symbol.iterator in value) throw unknownType(value, place);
  const fields = new Map<string, ColumnType>();
  for (const [name, field] of Object.entries(value)) fields.set(name, inferColumn([field], `${place}, field '${name}'`));
  if (!fields.size) throw new ColumnProblem(place, 'expected an object with fields, received one without');
  return { kind: 'struct', fields };
}

function unknownType(value: unknown, place: string): ColumnProblem {
  const types = 'number, string, boolean, Date, bigint, Uint8Array, null, or an array or plain object of those';
  return new ColumnProblem(place, `expected ${types}, received ${describeValue(value)}`);
}

/** `float64`, `list of utf8`. */
export function typeText(type: ColumnType): string {
  if (type.kind === 'list') return `list of ${typeText(type.of)}`;
  if (type.kind === 'struct') return `object with ${[...type.fields].map(([name, field]) => `${name}: ${typeText(field)}`).join(', ')}`;
  return type.kind;
}
