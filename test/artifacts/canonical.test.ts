import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { canonicalChunks, canonicalJson, NotJson } from '../../artifacts/canonical.ts';
import { sha256OfBytes, sha256OfJson } from '../../artifacts/hash.ts';
import { seeded } from './helpers.ts';

const reference = createRequire(import.meta.url)('canonicalize') as (value: unknown) => string;

describe('canonical JSON', () => {
  test("RFC 8785's own examples", () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(keys)))).toHaveLength(7);
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  test('random values: as the reference writes them, read back the same, and no matter in which order keys were set', () => {
    const random = seeded(8785);
    for (let i = 0; i < 2_000; i++) {
      const value = randomJson(random, 4);
      const text = canonicalJson(value);
      expect(text).toBe(reference(value));
      expect(JSON.parse(text)).toEqual(value);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }
  });

  test('undefined keys are left out; shared objects are no cycles; objects of other realms and without prototype are plain', async () => {
    const shared = { x: 1 };
    expect(canonicalJson({ b: undefined, a: [shared, shared] })).toBe('{"a":[{"x":1},{"x":1}]}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
    const { runInNewContext } = await import('node:vm');
    expect(canonicalJson(runInNewContext('({ b: [1], a: {} })'))).toBe('{"a":{},"b":[1]}');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(canonicalJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
    expect(canonicalJson([-0, 'a\ud800'])).toBe('[0,"a\\ud800"]');
  });

  const cyclic: Record<string, unknown> = { a: [{}] };
  (cyclic.a as Record<string, unknown>[])[0] = { back: cyclic };
  let deep: unknown = 1;
  for (let i = 0; i < 2_000; i++) deep = [deep];

  test.each<[string, unknown, string]>([
    ['NaN', { a: [1, Number.NaN] }, 'at a[1]: expected a value that JSON knows, received NaN: use null, or a codec in the schema'],
    ['Infinity', [Infinity], 'at [0]: expected a value that JSON knows, received Infinity: use null'],
    ['a bigint', { 'a b': 1n }, 'at ["a b"]: expected a value that JSON knows, received bigint 1n: give the schema a codec'],
    ['a Date', { at: new Date(0) }, 'at at: expected a value that JSON knows, received instance of Date: give the schema a codec'],
    [
      'undefined in an array',
      [undefined],
      'at [0]: expected a value that JSON knows, received undefined: use null, or leave the element out',
    ],
    ['a hole in an array', new Array(2), 'at [0]: expected a value that JSON knows, received undefined'],
    ['undefined alone', undefined, 'expected a value that JSON knows, received undefined'],
    ['a function', { f: () => 1 }, 'at f: expected a value that JSON knows, received a function'],
    ['a symbol', [Symbol.iterator], 'at [0]: expected a value that JSON knows, received a symbol'],
    ['a Map', new Map(), 'expected a value that JSON knows, received instance of Map: use an object or an array'],
    [
      'a typed array',
      { x: new Float64Array(1) },
      'at x: expected a value that JSON knows, received instance of Float64Array: use Array.from(…)',
    ],
    ['a class', [new (class Model {})()], 'at [0]: expected a value that JSON knows, received instance of Model'],
    ['a cycle', cyclic, 'at a[0].back: refers back to an object that contains it, which JSON cannot say'],
    ['a deep nest', deep, 'is nested more than 1000 levels deep'],
  ])('%s is refused with its place', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(NotJson);
    expect(() => canonicalJson(value)).toThrow(message);
  });

  test('a million numbers, in linear time and in chunks', () => {
    const values = Array.from({ length: 1_000_000 }, (_, i) => i / 7);
    const start = performance.now();
    const chunks = canonicalChunks(values);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(chunks.length).toBeGreaterThan(100);
    expect(Buffer.concat(chunks).toString()).toBe(JSON.stringify(values));
  });
});

test('hashes', () => {
  expect(sha256OfBytes('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256OfJson({ b: 1, a: 2 })).toBe(sha256OfBytes('{"a":2,"b":1}'));
  expect(sha256OfJson({ a: 2, b: 1 })).toBe(sha256OfJson({ b: 1, a: 2 }));
});

function randomJson(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth ? 8 : 5));
  if (kind === 0) return [null, true, false][Math.floor(random() * 3)];
  if (kind <= 2) return randomNumber(random);
  if (kind <= 4) return randomText(random);
  const size = Math.floor(random() * 5);
  if (kind === 5) return Array.from({ length: size }, () => randomJson(random, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [randomText(random), randomJson(random, depth - 1)]));
}

function randomNumber(random: () => number): number {
  const bits = new Float64Array(new Uint32Array([random() * 2 ** 32, random() * 2 ** 32]).buffer)[0] ?? 0;
  const number = random() < 0.5 ? bits : Math.floor((random() - 0.5) * 1e6);
  return Number.isFinite(number) && number !== 0 ? number : 0;
}

function randomText(random: () => number): string {
  const alphabets = ['abcXYZ_019', '\u0000\u001f"\\/\n\t', 'äß€\u2028\ufb33', '😀𝒳', ' '];
  return Array.from({ length: Math.floor(random() * 6) }, () => {
    const letters = [...(alphabets[Math.floor(random() * alphabets.length)] ?? '')];
    return letters[Math.floor(random() * letters.length)];
  }).join('');
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}
