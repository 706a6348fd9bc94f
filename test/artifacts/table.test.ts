import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as arrow from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { table } from '../../pipelines/artifact-types.ts';
import { ArtifactCorrupt, OutputInvalid } from '../../pipelines/errors.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import type { Row, TableValue } from '../../pipelines/values.ts';
import { type Bench, bench, blobPath } from './helpers.ts';

const opened = async ({ load }: Bench, ref: ArtifactRef) => (await load(table(), ref)) as TableValue;
const through = async (value: unknown) => {
  const b = bench();
  return opened(b, await b.save(table(), value));
};
const rowsOf = async (value: unknown) => (await through(value)).toArray();
const typesOf = async (value: unknown) => (await (await through(value)).schema()).fields.map(({ name, type }) => `${name}: ${type}`);
async function* stream<T>(...items: T[]) {
  yield* items;
}

describe('rows', () => {
  const rows: Row[] = [
    { n: 1.5, s: 'ä', b: true, at: new Date(0), big: 2n ** 62n, bin: new Uint8Array([1, 2]), none: null, 'odd name': -0.5 },
    { n: null, s: '', b: false, at: null, big: null, bin: new Uint8Array(), none: null, 'odd name': Number.NaN },
    { n: Infinity, s: '😀', b: null, at: new Date('1969-07-20T20:17:40Z'), big: -1n, bin: null, none: null, 'odd name': 0 },
  ];

  test('every type comes back as it was', async () => {
    const b = bench();
    const ref = await b.save(table(), rows);
    expect(ref).toMatchObject({ type: 'table', rows: 3, preview: '3 rows × 8 columns: n, s, b, at, big, bin, none, odd name' });
    const value = await opened(b, ref);
    expect(value.numRows).toBe(3);
    expect(await value.toArray()).toEqual(rows);
    expect((await value.schema()).fields.map(({ type }) => String(type))).toEqual([
      'Float64',
      'Utf8',
      'Bool',
      'Timestamp<MILLISECOND, UTC>',
      'Int64',
      'Binary',
      'Null',
      'Float64',
    ]);
  });

  test('lists and objects in cells', async () => {
    const nested: Row[] = [
      {
        list: [1, 2],
        words: ['a', null],
        deep: [[1], []],
        at: { x: 1, tags: ['t'], when: new Date(5) },
        vector: new Float32Array([0.5, 1.5]),
      },
      { list: [], words: null, deep: [], at: null, vector: new Float32Array() },
    ];
    expect(await rowsOf(nested)).toEqual(nested);
    expect(await rowsOf([{ o: { a: 1 } }, { o: { b: 'x' } }])).toEqual([{ o: { a: 1, b: null } }, { o: { a: null, b: 'x' } }]);
  });

  test('missing keys are null, and keys may come late', async () => {
    expect(await rowsOf([{ a: 1 }, { b: 'x' }, { a: undefined, b: 'y' }])).toEqual([
      { a: 1, b: null },
      { a: null, b: 'x' },
      { a: null, b: 'y' },
    ]);
  });

  test('no rows, no columns', async () => {
    expect(await rowsOf([])).toEqual([]);
    const empty = await through([]);
    expect([empty.numRows, (await empty.toArrow()).numCols, await empty.toColumns()]).toEqual([0, 0, {}]);
  });

  test('many rows make several batches, with types inferred over all of them', async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => ({ i, late: i < 140_000 ? null : `x${i}` }));
    const value = await through(many);
    const sizes: number[] = [];
    for await (const batch of value.batches()) sizes.push(batch.numRows);
    expect(sizes).toEqual([65_536, 65_536, 18_928]);
    const columns = await value.toColumns();
    expect(columns.i).toEqual(Float64Array.from(many, (row) => row.i));
    expect([columns.late?.length, columns.late?.[0], columns.late?.[149_999]]).toEqual([150_000, null, 'x149999']);
  });

  test.each<[string, unknown, string]>([
    [
      'mixed types',
      [{ a: 1 }, { a: 2 }, { a: 'x' }],
      "output 'out': at column 'a', row 2: expected float64 like the values before it, received string \"x\"",
    ],
    ['numbers and bigints', [{ a: 1 }, { a: 2n }], "at column 'a', row 1: expected float64 like the values before it, received bigint 2n"],
    ['mixed types in a list', [{ a: [1, 'x'] }], "at column 'a', row 0, element, row 1: expected float64"],
    [
      'a function',
      [{ f: () => 1 }],
      "at column 'f', row 0: expected number, string, boolean, Date, bigint, Uint8Array, null, or an array or plain object of those, received a function",
    ],
    ['an invalid date', [{ d: new Date('x') }], "at column 'd', row 0: expected a valid date"],
    ['a bigint too big', [{ d: 2n ** 63n }], "at column 'd', row 0: expected a bigint of at most 64 bits"],
    ['a Map', [{ d: new Map() }], 'received instance of Map'],
    ['rows that are none', [{ a: 1 }, 5], 'at row 1: expected an object, received number 5'],
    ['rows without keys', [{}, {}], 'expected rows with columns, received objects without keys'],
  ])('%s', async (_, value, message) => {
    const error = await bench()
      .save(table(), value)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toContain(message);
  });
});

describe('columns', () => {
  test('typed arrays keep their type, arrays are inferred', async () => {
    const columns = {
      i8: Int8Array.of(-1, 1),
      u16: Uint16Array.of(0, 65535),
      f32: Float32Array.of(0.5, 1),
      i64: BigInt64Array.of(-1n, 1n),
      u8: Uint8ClampedArray.of(1, 2),
      s: ['a', null],
      d: [new Date(1), new Date(2)],
    };
    expect(await typesOf(columns)).toEqual([
      'i8: Int8',
      'u16: Uint16',
      'f32: Float32',
      'i64: Int64',
      'u8: Uint8',
      's: Utf8',
      'd: Timestamp<MILLISECOND, UTC>',
    ]);
    expect(await (await through(columns)).toColumns()).toEqual({ ...columns, u8: Uint8Array.of(1, 2) });
  });

  test('large ones are split without a copy of the whole', async () => {
    const values = Float64Array.from({ length: 200_000 }, (_, i) => i);
    const value = await through({ values });
    expect((await value.toColumns()).values).toEqual(values);
    expect((await value.toArrow()).batches.length).toBe(4);
  });

  test('Arrow vectors among them', async () => {
    const columns = { v: arrow.vectorFromArray([1, null, 3], new arrow.Int32()), s: ['a', 'b', 'c'] };
    expect(await rowsOf(columns)).toEqual([
      { v: 1, s: 'a' },
      { v: null, s: 'b' },
      { v: 3, s: 'c' },
    ]);
  });

  test('empty ones keep their names', async () => {
    expect(await typesOf({ a: new Int32Array(), b: [] })).toEqual(['a: Int32', 'b: Null']);
  });

  test.each<[string, unknown, string]>([
    ['lengths', { a: [1], b: [1, 2] }, "at column 'b': has 2 values, and column 'a' has 1"],
    ['no array', { a: [1], b: 'x' }, 'at column \'b\': expected an array, received string "x"'],
    ['nothing', {}, 'expected columns, received an object without keys'],
    [
      'no table',
      'x',
      'expected rows (an array of objects), columns (an object of arrays), an Arrow table, or an iterable of batches, received string "x"',
    ],
    ['undefined', undefined, 'received undefined'],
    ['one typed array', new Float64Array(3), 'received instance of Float64Array'],
  ])('%s', async (_, value, message) => {
    await expect(bench().save(table(), value)).rejects.toThrow(message);
  });
});

describe('Arrow', () => {
  const sample = () => arrow.tableFromArrays({ n: Int32Array.of(1, 2, 3), s: ['x', 'y', 'x'] });

  test('tables and batches; dictionaries are unpacked', async () => {
    expect(await typesOf(sample())).toEqual(['n: Int32', 's: Utf8']);
    const expected = [
      { n: 1, s: 'x' },
      { n: 2, s: 'y' },
      { n: 3, s: 'x' },
    ];
    expect(await rowsOf(sample())).toEqual(expected);
    expect(await rowsOf(sample().batches[0])).toEqual(expected);
    expect(await rowsOf([sample(), sample().batches[0]])).toEqual([...expected, ...expected]);
    expect(await rowsOf(new Set(sample().batches))).toEqual(expected);
    const numbers = new arrow.Table({
      d: arrow.vectorFromArray([5, 7, null, 5], new arrow.Dictionary(new arrow.Int16(), new arrow.Int8())),
    });
    expect(await typesOf(numbers)).toEqual(['d: Int16']);
    expect(await rowsOf(numbers)).toEqual([{ d: 5 }, { d: 7 }, { d: null }, { d: 5 }]);
  });

  test('a table without rows keeps its columns', async () => {
    const schema = new arrow.Schema([new arrow.Field('a', new arrow.Utf8(), false)]);
    expect(await typesOf(new arrow.Table(schema))).toEqual(['a: Utf8']);
    expect(await rowsOf(new arrow.Table(schema))).toEqual([]);
  });

  test('slices and large batches keep their values', async () => {
    const rows = Array.from({ length: 70_001 }, (_, i) => ({ i, s: i % 3 ? `s${i}` : null, b: i % 2 === 0, l: [i] }));
    const b = bench();
    const whole = await (await opened(b, await b.save(table(), rows))).toArrow();
    const one = new arrow.RecordBatch(whole.schema, whole.slice(3, 60_000).batches[0]?.data);
    expect(await rowsOf(one)).toEqual(rows.slice(3, 60_000));
    const concatenated = arrow.makeData({
      type: new arrow.Struct([new arrow.Field('v', new arrow.Float64(), true)]),
      children: [arrow.makeData({ type: new arrow.Float64(), data: Float64Array.from(rows, (row) => row.i) })],
    });
    const large = new arrow.RecordBatch(new arrow.Schema([new arrow.Field('v', new arrow.Float64(), true)]), concatenated);
    const value = await through(large);
    expect((await value.toArrow()).batches.map((batch) => batch.numRows)).toEqual([65_536, 4_465]);
    expect((await value.toColumns()).v).toEqual(Float64Array.from(rows, (row) => row.i));
  });

  test('other types of Arrow come back as values', async () => {
    const entry = new arrow.Struct<{ key: arrow.Utf8; value: arrow.Int32 }>([
      new arrow.Field('key', new arrow.Utf8(), false) as never,
      new arrow.Field('value', new arrow.Int32()) as never,
    ]);
    const mapType = new arrow.Map_(new arrow.Field('entries', entry));
    const given = new arrow.Table({
      day: arrow.vectorFromArray([new Date(86_400_000)], new arrow.DateDay()),
      micro: arrow.vectorFromArray([1_000], new arrow.TimestampMicrosecond()),
      fixed: arrow.vectorFromArray([[1, 2]], new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Float64()))),
      map: arrow.vectorFromArray([new Map([['k', 1]])], mapType),
    });
    const [row] = await rowsOf(given);
    expect(row).toMatchObject({ day: new Date(86_400_000), fixed: [1, 2], map: { k: 1 } });
    expect(row?.micro).toBeInstanceOf(Date);
  });

  test('of another copy of apache-arrow, or of one too old to be known, is refused: its bytes could not be read', async () => {
    // The package comes as CommonJS and as a module: whichever the tests did not get is another copy.
    const folder = dirname(createRequire(import.meta.url).resolve('apache-arrow'));
    const copies: (typeof arrow)[] = await Promise.all(['js', 'mjs'].map((kind) => import(join(folder, `Arrow.node.${kind}`))));
    const other = copies.find((copy) => copy.Table !== arrow.Table) as typeof arrow;
    expect(other).toBeDefined();
    const given = other.tableFromArrays({ n: Int32Array.of(1, 2) });
    const old = { schema: { fields: [] }, batches: [], [Symbol.iterator]: [][Symbol.iterator] };
    for (const value of [given, given.batches[0], stream(given), [given], { v: other.vectorFromArray(['a']) }, old, stream(old)]) {
      const error = await bench()
        .save(table(), value)
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(OutputInvalid);
      expect(String(error)).toContain('received an Arrow table made by another copy of apache-arrow: install the version that flowyml has');
    }
  });

  test('a table that was received can be returned', async () => {
    const b = bench();
    const ref = await b.save(table(), sample());
    expect((await b.save(table(), await opened(b, ref))).sha256).toBe(ref.sha256);
  });
});

describe('streams of batches', () => {
  test('of rows, columns and Arrow, in one schema', async () => {
    expect(await rowsOf(stream([{ a: 1 }], [], [{ a: 2 }]))).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await rowsOf(stream<unknown>([{ a: 1 }], { a: [2, null] }, arrow.tableFromArrays({ a: Float64Array.of(3) })))).toEqual([
      { a: 1 },
      { a: 2 },
      { a: null },
      { a: 3 },
    ]);
    expect(await rowsOf(stream([{ a: 1, b: 'x' }], [{ a: 2 }], [{ b: null }]))).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: null },
      { a: null, b: null },
    ]);
    expect(await rowsOf(stream())).toEqual([]);
  });

  test('are written as they come', async () => {
    let made = 0;
    async function* endless() {
      for (; made < 50; made++) yield { v: new Float64Array(10_000).fill(made) };
    }
    const b = bench();
    const value = await opened(b, await b.save(table(), endless()));
    expect([value.numRows, made]).toEqual([500_000, 50]);
    let last = 0;
    for await (const batch of value.batches()) last = batch.getChild('v')?.get(0);
    expect(last).toBe(49);
  });

  test.each<[string, unknown[], string]>([
    ['another type', [[{ a: 1 }], [{ a: 'x' }]], 'at column \'a\', row 1: expected float64 like the values before it, received string "x"'],
    ['a new column in rows', [[{ a: 1 }], [{ a: 1, b: 2 }]], "at column 'b': is not in the first batch, which has the columns a"],
    [
      'a first batch of nulls',
      [[{ a: null }], [{ a: 1 }]],
      "at column 'a': is float64 here and null in the first batch: let the first batch hold a value for it",
    ],
    ['a missing column', [{ a: [1], b: [1] }, { a: [1] }], "at column 'b': is in the first batch, and missing in a later one"],
    [
      'another Arrow type',
      [{ a: Int32Array.of(1) }, arrow.tableFromArrays({ a: Int8Array.of(1) })],
      "at column 'a': is Int32 in the first batch, and Int8 in a later one",
    ],
    [
      'a new Arrow column',
      [arrow.tableFromArrays({ a: Int8Array.of(1) }), arrow.tableFromArrays({ a: Int8Array.of(1), b: Int8Array.of(1) })],
      "at column 'b': is not in the first batch, but in a later one",
    ],
    [
      'another order',
      [
        arrow.tableFromArrays({ a: Int8Array.of(1), b: Int8Array.of(1) }),
        arrow.tableFromArrays({ b: Int8Array.of(1), a: Int8Array.of(1) }),
      ],
      'columns are in another order (b, a) than in the first batch (a, b)',
    ],
    ['no batch', [5], 'expected batches: Arrow record batches or tables, arrays of rows, or objects of columns; received number 5'],
  ])('%s', async (_, pieces, message) => {
    const error = await bench()
      .save(table(), stream(...pieces))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toContain(message);
  });

  test('what the source throws is passed on', async () => {
    async function* failing() {
      yield [{ a: 1 }];
      throw new RangeError('mine');
    }
    await expect(bench().save(table(), failing())).rejects.toThrow(new RangeError('mine'));
  });
});

describe('the bytes', () => {
  const rows = () => Array.from({ length: 1_000 }, (_, i) => ({ i, s: `s${i % 7}`, at: new Date(i) }));

  test('are the same for the same data, however it was made', async () => {
    const b = bench();
    const { sha256 } = await b.save(table(), rows());
    expect((await b.save(table(), rows())).sha256).toBe(sha256);
    expect((await b.save(table(), stream(rows()))).sha256).toBe(sha256);
    const columns = {
      i: Float64Array.from({ length: 1_000 }, (_, i) => i),
      s: rows().map((row) => row.s),
      at: rows().map((row) => row.at),
    };
    expect((await b.save(table(), columns)).sha256).toBe(sha256);
    const dictionaries = () => arrow.tableFromArrays({ s: rows().map((row) => row.s) });
    expect((await b.save(table(), dictionaries())).sha256).toBe((await b.save(table(), dictionaries())).sha256);
    expect((await b.save(table(), dictionaries())).sha256).toBe((await b.save(table(), { s: columns.s })).sha256);
  });

  test('are a plain Arrow stream', async () => {
    const b = bench();
    const ref = await b.save(table(), rows());
    const read = arrow.tableFromIPC(readFileSync(blobPath(b.root, ref.sha256)));
    expect([read.numRows, read.getChild('s')?.get(8)]).toEqual([1_000, 's1']);
  });

  test.each([0, 0.05, 0.5, 0.95, 1])('a bit flipped at %d of them is noticed', async (where) => {
    const b = bench();
    const ref = await b.save(
      table(),
      Array.from({ length: 100_000 }, (_, i) => ({ i, s: `text ${i}` })),
    );
    const path = blobPath(b.root, ref.sha256);
    const bytes = readFileSync(path);
    const at = Math.floor(where * (bytes.length - 1));
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    const value = await opened(b, ref);
    await expect(value.toArray()).rejects.toThrow(ArtifactCorrupt);
    await expect(value.toArrow()).rejects.toThrow(ArtifactCorrupt);
  });

  test('a missing table is noticed, also by its schema', async () => {
    const value = await opened(bench(), { sha256: 'a'.repeat(64), size: 9, type: 'table', rows: 1 });
    await expect(value.schema()).rejects.toThrow(ArtifactCorrupt);
    await expect(value.toColumns()).rejects.toThrow(ArtifactCorrupt);
  });
});

test('apache-arrow is loaded by tables only', () => {
  const script = fileURLToPath(new URL('./fixtures/no-arrow.ts', import.meta.url));
  expect(execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' })).toBe('json bytes\nno arrow\n');
});
