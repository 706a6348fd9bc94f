import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { saveOutput } from '../../artifacts/materialize.ts';
import { needsDecoding } from '../../artifacts/zod.ts';
import { ArtifactCorrupt, OutputInvalid, UsageError } from '../../pipelines/errors.ts';
import { bench, blobPath } from './helpers.ts';

const isoDate = z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() });
const bigText = z.codec(z.string(), z.bigint(), { decode: (text) => BigInt(text), encode: (big) => String(big) });

describe('where it is kept', () => {
  test('small values travel in the reference, sorted, with a hash that does not depend on the order of keys', async () => {
    const { save, root } = bench();
    const schema = z.object({ b: z.number(), a: z.array(z.string()) });
    const ref = await save(schema, { b: 1, a: ['x'] });
    expect(ref).toEqual({
      sha256: (await save(schema, { a: ['x'], b: 1 })).sha256,
      type: 'json',
      size: 17,
      value: { a: ['x'], b: 1 },
      preview: '{"a":["x"],"b":1}',
    });
    expect(existsSync(join(root, 'sha256'))).toBe(false);
  });

  test('larger ones in the store; the limit counts bytes', async () => {
    const { save, load, root } = bench();
    const fits = await save(z.string(), 'x'.repeat(4094));
    expect([fits.size, fits.uri, typeof fits.value]).toEqual([4096, undefined, 'string']);
    const ref = await save(z.string(), 'ä'.repeat(2048));
    expect([ref.size, ref.value]).toEqual([4098, undefined]);
    expect(readFileSync(blobPath(root, ref.sha256), 'utf8')).toBe(`"${'ä'.repeat(2048)}"`);
    expect(ref.preview).toHaveLength(120);
    expect(await load(z.string(), ref)).toBe('ä'.repeat(2048));
  });

  test('inlineLimit', async () => {
    const { store, workDir } = bench();
    expect(await saveOutput(z.number(), 1, { store, workDir, output: 'o', inlineLimit: 0 })).toMatchObject({
      size: 1,
      uri: expect.stringMatching(/^file:/),
    });
  });

  test('a long array goes through', async () => {
    const { roundTrip } = bench();
    const values = Array.from({ length: 500_000 }, (_, i) => i * 1.37);
    expect(await roundTrip(z.array(z.number()), values)).toEqual(values);
  });

  test('a damaged one is noticed', async () => {
    const { save, load, root } = bench();
    const ref = await save(z.string(), 'y'.repeat(5000));
    const { chmodSync, writeFileSync } = await import('node:fs');
    chmodSync(blobPath(root, ref.sha256), 0o644);
    writeFileSync(blobPath(root, ref.sha256), `"${'z'.repeat(5000)}"`);
    await expect(load(z.string(), ref)).rejects.toThrow(ArtifactCorrupt);
  });
});

describe('round trips', () => {
  test.each<[string, z.ZodType, unknown]>([
    ['null', z.null(), null],
    ['zero', z.number(), 0],
    ['an empty string', z.string(), ''],
    ['surrogates and separators', z.string(), '😀\ud800\u2028"\\'],
    ['an empty object', z.object({}), {}],
    ['an optional key', z.object({ a: z.number().optional() }), {}],
    ['a date by codec', z.object({ at: isoDate, all: z.array(isoDate) }), { at: new Date(5), all: [new Date(6)] }],
    ['a bigint by codec', bigText, 2n ** 80n],
    ['undefined', z.undefined(), undefined],
    ['void', z.void(), undefined],
    ['an absent optional', z.string().optional(), undefined],
    ['an absent optional codec', isoDate.optional(), undefined],
    ['a null nullable', z.string().nullable(), null],
    ['a default', z.object({ a: z.string().default('x') }), { a: 'y' }],
    ['a union', z.union([z.number(), z.object({ a: z.string() })]), { a: 'b' }],
    [
      'a recursive schema',
      z.object({
        name: z.string(),
        get children() {
          return z.array(z.object({ name: z.string() }));
        },
      }),
      { name: 'a', children: [{ name: 'b' }] },
    ],
    ['anything', z.any(), [1, { a: [null] }]],
    ['stringbool', z.stringbool(), true],
    ['a checked asynchronously', z.number().refine(async (n) => n > 0), 1],
  ])('%s', async (_, schema, value) => {
    expect(await bench().roundTrip(schema, value)).toEqual(value);
  });

  test('keys that the schema does not know are left out', async () => {
    expect((await bench().save(z.object({ a: z.number() }), { a: 1, b: 2 })).value).toEqual({ a: 1 });
  });

  test('what is loaded belongs to who loads it', async () => {
    const { store, workDir, save } = bench();
    const { loadInput } = await import('../../artifacts/materialize.ts');
    const ref = await save(z.array(z.number()), [1]);
    const value = (await loadInput(z.array(z.number()), ref, { store, workDir, input: 'i' })) as number[];
    value.push(2);
    expect(ref.value).toEqual([1]);
  });

  test('inputs are not validated again, and decoded only where the schema changes values', async () => {
    const { save, load } = bench();
    const ref = await save(z.any(), { a: 'not a number', b: 1 });
    expect(await load(z.object({ a: z.number() }), ref)).toEqual({ a: 'not a number', b: 1 });
    expect(await load(z.object({ a: z.string(), c: z.number().default(3) }), ref)).toEqual({ a: 'not a number', c: 3 });
    await expect(load(z.object({ a: isoDate }), ref, 'day')).rejects.toThrow(UsageError);
    await expect(load(z.object({ a: isoDate }), ref, 'day')).rejects.toThrow(
      "input 'day' does not fit the schema that this step declares: at a: Invalid ISO datetime",
    );
  });

  test('the type has to be the one declared', async () => {
    const { save, load } = bench();
    const { table } = await import('../../pipelines/artifact-types.ts');
    await expect(load(table(), await save(z.number(), 1), 'rows')).rejects.toThrow(
      "input 'rows' is declared as table, and the artifact is json",
    );
  });
});

describe('what does not fit', () => {
  class Model {}
  const user = z.object({ name: z.string().min(2), age: z.number().positive(), mail: z.email() });

  test.each<[string, z.ZodType, unknown, string]>([
    ['a wrong type', z.object({ weight: z.number() }), { weight: 'x' }, "output 'model': at weight: expected number, received string"],
    ['nothing', z.object({ weight: z.number() }), undefined, "output 'model': expected object, received undefined"],
    [
      'deep inside',
      z.object({ items: z.array(z.object({ n: z.number() })) }),
      { items: [{ n: 1 }, { n: null }] },
      "output 'model': at items[1].n: expected number, received null",
    ],
    ['out of range', z.number().max(1), 1.5, 'Too big: expected number to be <=1, received number 1.5'],
    [
      'several',
      user,
      { name: 'x', age: -1, mail: 'no' },
      'output \'model\': \n  - at name: Too small: expected string to have >=2 characters, received string "x"\n  - at age: Too small: expected number to be >0, received number -1\n  - at mail: Invalid email address, received string "no"',
    ],
    [
      'a union',
      z.object({ v: z.union([z.number(), z.object({ a: z.number() })]) }),
      { v: { a: 'x' } },
      'at v: matches none of 2 alternatives (at v: expected number, received object; at v.a: expected number, received string)',
    ],
    ['an unknown key of a strict object', z.strictObject({ a: z.number() }), { a: 1, b: 2 }, 'Unrecognized key: "b"'],
    [
      'a bad key of a record',
      z.record(z.string().max(1), z.number()),
      { ab: 1 },
      'at ab: Invalid key in record: Too big: expected string to have <=1 characters',
    ],
    ['a refinement', z.number().refine((n) => n % 2 === 0, 'must be even'), 3, "output 'model': must be even, received number 3"],
    ['NaN', z.number(), Number.NaN, 'expected number, received NaN'],
    [
      'NaN where anything goes',
      z.any(),
      { loss: Number.NaN },
      "output 'model': at loss: expected a value that JSON knows, received NaN: use null, or a codec",
    ],
    [
      'a date without codec',
      z.object({ at: z.date() }),
      { at: new Date(0) },
      "output 'model': at at: expected a value that JSON knows, received instance of Date: give the schema a codec (z.codec)",
    ],
    ['a bigint without codec', z.bigint(), 5n, 'received bigint 5n: give the schema a codec'],
    ['a Map', z.map(z.string(), z.number()), new Map([['a', 1]]), 'received instance of Map'],
    ['an instance of a class', z.instanceof(Model), new Model(), 'received instance of Model'],
    [
      'a transform',
      z.string().transform((s) => s.length),
      3,
      'its schema has a transform, which cannot be reversed to store the value: use z.codec(…)',
    ],
    ['a preprocess', z.preprocess(Number, z.number()), 3, 'its schema has a transform'],
    [
      'a codec that throws',
      z.codec(z.string(), z.any(), {
        decode: (s) => s,
        encode: () => {
          throw new TypeError('bad day');
        },
      }),
      3,
      'its schema failed to encode it: TypeError: bad day',
    ],
  ])('%s', async (_, schema, value, message) => {
    const error = await bench()
      .save(schema, value, 'model')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toContain(message);
  });

  test('a cycle, and too many problems to list', async () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    await expect(bench().save(z.any(), loop)).rejects.toThrow("output 'out': at self: refers back to an object that contains it");
    const many = Array.from({ length: 100 }, () => 'x');
    await expect(bench().save(z.array(z.number()), many)).rejects.toThrow(/at \[9\].*\n {2}- and 90 more$/s);
  });

  test('a schema that is none', async () => {
    await expect(bench().save({} as z.ZodType, 1)).rejects.toThrow(/output 'out' is declared with something that is neither a zod schema/);
  });
});

test('which schemas change values', () => {
  interface Tree {
    children: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree) }));
  const plain = [
    z.object({
      a: z.array(z.record(z.string(), z.tuple([z.number(), z.string().nullable()]))),
      b: z.union([z.literal(1), z.enum(['a'])]).optional(),
    }),
    tree,
    z.string().min(3).pipe(z.string().max(5)),
    z.number().refine(() => true),
    z.object({ a: z.number() }).readonly(),
  ];
  expect(plain.map(needsDecoding)).toEqual(plain.map(() => false));
  const changing = [
    z.object({ deep: z.array(z.union([z.string(), isoDate])) }),
    z.record(z.string(), z.string().default('x')),
    z.string().transform(Number).optional(),
    z.string().trim(),
    z.coerce.date(),
    z.lazy(() => isoDate),
    z.tuple([z.number()], z.string().catch('x')),
    z.string().pipe(z.transform(Number)),
  ];
  expect(changing.map((schema) => needsDecoding(schema as z.ZodType))).toEqual(changing.map(() => true));
});
