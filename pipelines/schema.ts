import { z } from 'zod';
import type { JsonObject } from './json.ts';

// What zod's own message calls them, where JavaScript has another word.
const WORDS: Record<string, string> = { BigInt: 'bigint', Symbols: 'symbol', Undefined: 'undefined', Void: 'undefined' };

const known = new WeakMap<z.ZodType, { schema: JsonObject } | { problem: string }>();

/**
 * The JSON Schema of a zod schema's stored form (its input side), or why it has none.
 * What JSON does not know (Date, bigint, undefined, NaN, Map, Set) needs a zod codec that says how to write it.
 */
export function jsonSchema(type: z.ZodType): { schema: JsonObject } | { problem: string } {
  if (typeof type?.safeEncodeAsync !== 'function') {
    return { problem: 'its type is neither a zod schema (of zod 4.1 or newer, and not of zod/mini) nor an artifact type' };
  }
  let result = known.get(type);
  if (!result) {
    try {
      const { $schema, ...schema } = z.toJSONSchema(type, { io: 'input', unrepresentable: 'throw' });
      result = { schema: schema as JsonObject };
    } catch (error) {
      const what = /^(\w+) cannot be represented/.exec((error as Error).message)?.[1];
      const says = what ? `JSON has no ${WORDS[what] ?? what}` : 'it takes what JSON cannot say';
      result = { problem: `${says}; give a z.codec(…) that says how it is written` };
    }
    known.set(type, result);
  }
  return result;
}

/** What a zod error says, an issue a line, without zod's punctuation. */
export function issues(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path
      .map((p) => (typeof p === 'number' ? `[${p}]` : String(p)))
      .join('.')
      .replaceAll('.[', '[');
    const message = issue.message.replace(/^Invalid input: /, '');
    return path ? `at ${path}: ${message}` : message;
  });
}

/** A word or two for what a schema takes: `number`, `string`, `array`. */
export function describe(type: z.ZodType): string {
  const result = jsonSchema(type);
  if ('problem' in result) return 'value';
  const { type: name, enum: values } = result.schema;
  return values ? `one of ${JSON.stringify(values)}` : typeof name === 'string' ? name : 'value';
}
