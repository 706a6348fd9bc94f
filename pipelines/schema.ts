import { z } from 'zod';
import type { JsonObject } from './json.ts';

const known = new WeakMap<z.ZodType, { schema: JsonObject } | { problem: string }>();

/**
 * The JSON Schema of a zod schema's stored form (its input side), or why it has none.
 * What JSON does not know (Date, bigint, undefined, NaN, Map, Set) needs a zod codec that says how to write it.
 */
export function jsonSchema(type: z.ZodType): { schema: JsonObject } | { problem: string } {
  let result = known.get(type);
  if (!result) {
    try {
      const { $schema, ...schema } = z.toJSONSchema(type, { io: 'input', unrepresentable: 'throw' });
      result = { schema: schema as JsonObject };
    } catch (error) {
      const what = /^(\w+) cannot be represented/.exec((error as Error).message)?.[1]?.toLowerCase() ?? 'this type';
      result = { problem: `JSON has no ${what}; give a z.codec(…) that says how it is written` };
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
