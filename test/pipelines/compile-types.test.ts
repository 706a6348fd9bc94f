import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  bytes,
  dataset,
  directory,
  file,
  isArtifactType,
  materializer,
  metrics,
  model,
  type OutputType,
  optional,
  table,
  typeName,
} from '../../pipelines/artifact-types.ts';
import { make, only, planOf, problemsOf } from './steps.ts';

const isoDate = z.codec(z.iso.datetime(), z.date(), { decode: (s) => new Date(s), encode: (d) => d.toISOString() });
const png = materializer<number>({ type: 'image/png', write: () => new Uint8Array(), read: () => 1 });

const wire = (made: OutputType, wanted: OutputType) => [make('make', { outputs: { x: made } }), make('take', { inputs: { x: wanted } })];

describe('names of types', () => {
  it.each([
    [z.number(), 'json'],
    [table(), 'table'],
    [bytes(), 'bytes'],
    [file(), 'file'],
    [file({ name: 'weights.bin' }), 'file'],
    [directory(), 'directory'],
    [metrics(), 'metrics'],
    [dataset(), 'dataset<table>'],
    [dataset(z.number()), 'dataset<json>'],
    [model(), 'model<file>'],
    [model(directory()), 'model<directory>'],
    [model(png), 'model<custom:image/png>'],
    [png, 'custom:image/png'],
  ])('%#: %o is %s', (type: OutputType, name) => {
    expect(typeName(type)).toBe(name);
    expect(only(planOf([make('s', { outputs: { x: type } })])).outputs.x?.type).toBe(name);
  });
});

describe('producer and consumer', () => {
  it.each<[string, OutputType, OutputType]>([
    ['the same kind', table(), table()],
    ['an asset by its default', model(), model(file())],
    ['files of other names', file({ name: 'a' }), file({ name: 'b' })],
    ['integer to number', z.int(), z.number()],
    ['a literal to its type', z.literal('a'), z.string()],
    ['an enum to a string', z.enum(['a', 'b']), z.string()],
    ['anything to something', z.any(), z.number()],
    ['something to anything', z.number(), z.unknown()],
    ['a codec to its stored form', isoDate, z.string()],
    ['a union, which has no outermost type', z.union([z.string(), z.number()]), z.number()],
    ['nullable to plain, which is for the run to find out', z.number().nullable(), z.number()],
  ])('go together: %s', (_, made, wanted) => {
    expect(planOf(wire(made, wanted)).steps).toHaveLength(2);
  });

  it.each<[OutputType, string, OutputType, string]>([
    [z.array(z.number()), 'json', table(), 'table'],
    [table(), 'table', z.array(z.number()), 'json'],
    [bytes(), 'bytes', file(), 'file'],
    [file(), 'file', directory(), 'directory'],
    [model(), 'model<file>', dataset(), 'dataset<table>'],
    [model(file()), 'model<file>', model(directory()), 'model<directory>'],
    [model(file()), 'model<file>', file(), 'file'],
    [metrics(), 'metrics', z.record(z.string(), z.number()), 'json'],
    [png, 'custom:image/png', bytes(), 'bytes'],
    [z.number(), 'number', z.string(), 'string'],
    [z.number(), 'number', z.int(), 'integer'],
    [z.array(z.number()), 'array', z.number(), 'number'],
    [z.object({ a: z.number() }), 'object', z.array(z.number()), 'array'],
    [isoDate, 'string', z.number(), 'number'],
    [z.boolean(), 'boolean', z.null(), 'null'],
  ])('do not: %# %o, %s', (made, is, wanted, asks) => {
    expect(problemsOf(wire(made, wanted))).toEqual([`step 'take': input 'x' is ${asks}, but step 'make' produces ${is}`]);
  });
});

describe('what JSON cannot say', () => {
  it.each<[z.ZodType, string]>([
    [z.date(), 'JSON has no Date'],
    [z.bigint(), 'JSON has no bigint'],
    [z.undefined(), 'JSON has no undefined'],
    [z.void(), 'JSON has no undefined'],
    [z.nan(), 'JSON has no NaN'],
    [z.map(z.string(), z.number()), 'JSON has no Map'],
    [z.set(z.string()), 'JSON has no Set'],
    [z.symbol(), 'JSON has no symbol'],
    [z.object({ at: z.array(z.date()) }), 'JSON has no Date'],
    [z.instanceof(Uint8Array), 'it takes what JSON cannot say'],
    [z.literal(1n), 'it takes what JSON cannot say'],
  ])('%#: %o needs a codec, as an output, inside an asset and as an input', (type, says) => {
    const advice = `${says}; give a z.codec(…) that says how it is written`;
    expect(problemsOf([make('s', { outputs: { x: type } })])).toEqual([`step 's': output 'x': ${advice}`]);
    expect(problemsOf([make('s', { outputs: { x: model(type) } })])).toEqual([`step 's': output 'x': ${advice}`]);
    expect(problemsOf(wire(z.any(), type))).toEqual([`step 'take': input 'x': ${advice}`]);
  });

  it('is fine with a codec, whose stored form stands in the plan', () => {
    const bigText = z.codec(z.string(), z.bigint(), { decode: (s) => BigInt(s), encode: (b) => String(b) });
    expect(only(planOf([make('s', { outputs: { x: z.object({ big: bigText }) } })])).outputs.x).toEqual({
      type: 'json',
      schema: { type: 'object', properties: { big: { type: 'string' } }, required: ['big'] },
    });
    expect(planOf(wire(isoDate, isoDate)).steps).toHaveLength(2);
  });

  it('includes schemas that go round in a circle', () => {
    const tree: z.ZodType = z.lazy(() => z.object({ kids: z.array(tree) }));
    expect(only(planOf([make('s', { outputs: { x: tree } })])).outputs.x?.type).toBe('json');
  });

  it.each<unknown>(['number', null, undefined, 5, { type: 'string' }, Number])('%j is no type', (type) => {
    const problem = 'its type is neither a zod schema (of zod 4.1 or newer, and not of zod/mini) nor an artifact type';
    expect(problemsOf([make('s', { outputs: { x: type } })])).toEqual([`step 's': output 'x': ${problem}`]);
    expect(problemsOf([make('m', { outputs: { x: z.any() } }), make('s', { inputs: { x: type } })])[0]).toBe(
      `step 's': input 'x': ${problem}`,
    );
  });
});

describe('an input that may be missing', () => {
  const never = () => {
    throw new Error('called while compiling');
  };

  it.each<[string, OutputType, boolean]>([
    ['optional plain data', z.number().optional(), true],
    ['data with a default', z.number().default(1), true],
    ['an optional table', optional(table()), true],
    ['plain data', z.number(), false],
    ['nullable data', z.number().nullable(), false],
    ['anything', z.any(), false],
    ['a table', table(), false],
    ['a refinement that expects a value', z.any().refine(never), false],
    ['a refinement that waits', z.unknown().refine(async () => true), false],
    ['a codec that expects a value', z.codec(z.any(), z.any(), { decode: never, encode: never }), false],
  ])('%s: %s', (_, wanted, may) => {
    const made = isArtifactType(wanted) ? table() : z.any();
    expect(planOf(wire(made, wanted)).steps[1]?.inputs.x).toEqual({ step: 'make', output: 'x', ...(may ? { optional: true } : {}) });
  });
});
