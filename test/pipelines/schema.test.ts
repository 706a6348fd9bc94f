import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describe as describeType, issues, jsonSchema } from '../../pipelines/schema.ts';

const issuesOf = (type: z.ZodType, value: unknown) => {
  const { error } = type.safeParse(value);
  if (!error) throw new Error('it fits');
  return issues(error);
};

describe('issues', () => {
  it.each<[z.ZodType, unknown, string[]]>([
    [z.number(), 'x', ['expected number, received string']],
    [z.object({ a: z.object({ b: z.number() }) }), { a: { b: 'x' } }, ['at a.b: expected number, received string']],
    [z.array(z.object({ n: z.number() })), [{ n: 1 }, { n: 'x' }], ['at [1].n: expected number, received string']],
    [z.object({ a: z.array(z.array(z.number())) }), { a: [[1, 'x']] }, ['at a[0][1]: expected number, received string']],
    [
      z.object({ a: z.number(), b: z.string() }),
      {},
      ['at a: expected number, received undefined', 'at b: expected string, received undefined'],
    ],
    [z.string().refine(() => false, 'not this one'), 'x', ['not this one']],
  ])('%#: say where and what, a line each', (type, value, lines) => {
    expect(issuesOf(type, value)).toEqual(lines);
  });
});

describe('describe', () => {
  it.each<[z.ZodType, string]>([
    [z.number(), 'number'],
    [z.int(), 'integer'],
    [z.string().default('x'), 'string'],
    [z.array(z.number()), 'array'],
    [z.enum(['a', 'b']), 'one of ["a","b"]'],
    [z.union([z.string(), z.number()]), 'value'],
    [z.unknown(), 'value'],
    [z.date(), 'value'],
  ])('%#: %s', (type, word) => {
    expect(describeType(type)).toBe(word);
  });
});

describe('jsonSchema', () => {
  it('is of the stored form', () => {
    const codec = z.codec(z.string(), z.date(), { decode: (s) => new Date(s), encode: (d) => d.toISOString() });
    expect(jsonSchema(codec)).toEqual({ schema: { type: 'string' } });
    expect(jsonSchema(z.string().transform(Number))).toEqual({ schema: { type: 'string' } });
  });

  it('is made once for a schema', () => {
    const type = z.object({ a: z.number() });
    expect(jsonSchema(type)).toBe(jsonSchema(type));
  });
});
