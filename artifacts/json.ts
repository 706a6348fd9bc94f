import { constants } from 'node:buffer';
import type { z } from 'zod';
import { UsageError } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { canonicalChunks, NotJson } from './canonical.ts';
import { collect } from './chunks.ts';
import type { LoadContext, SaveContext } from './context.ts';
import { formatBytes, pathText, shorten } from './describe.ts';
import { sha256OfChunks } from './hash.ts';
import { outputInvalid } from './invalid.ts';
import { readList } from './list.ts';
import type { ArtifactStore } from './store.ts';
import { issueLines, needsDecoding } from './zod.ts';

const INLINE_LIMIT = 4 * 1024;
// Escapes of characters that PostgreSQL keeps in no JSON: NUL, and halves of a pair. Such a value goes to the store.
const UNKEEPABLE = /\\u(?:0000|d[89a-f])/i;

/**
 * Keeps a value that fits the schema as canonical JSON, in the form that the schema's codecs give it. `undefined` is
 * kept as null, and is undefined again where the schema that loads it allows undefined and not null.
 */
export async function saveJson(schema: z.ZodType, value: unknown, ctx: SaveContext): Promise<ArtifactRef> {
  return saveJsonValue('json', await encodeJson(schema, value, ctx.output), ctx);
}

/** Keeps a plain value as canonical JSON: in the reference where it is small, else in the store. */
export async function saveJsonValue(
  type: string,
  value: unknown,
  { store, output, inlineLimit = INLINE_LIMIT }: SaveContext,
): Promise<ArtifactRef> {
  const chunks = chunksOf(value ?? null, output);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (size > constants.MAX_STRING_LENGTH) {
    throw outputInvalid(
      output,
      '',
      `its JSON has ${formatBytes(size)}, more than can be read again: declare it as table(), bytes() or file()`,
    );
  }
  const start = chunks[0]?.subarray(0, 1_000).toString() ?? '';
  const ref = {
    sha256: sha256OfChunks(chunks),
    type,
    size,
    preview: shorten(start),
    ...(Array.isArray(value) ? { rows: value.length } : {}),
  };
  const text = size <= inlineLimit ? Buffer.concat(chunks).toString() : undefined;
  if (text !== undefined && !UNKEEPABLE.test(text)) return { ...ref, value: JSON.parse(text) as JsonValue };
  const [only] = chunks;
  const { uri } = await store.put(chunks.length === 1 && only ? only : streamed(chunks));
  return { ...ref, uri };
}

/** The value that a reference stands for: not validated again, and decoded only where the schema changes values. */
export async function loadJson(schema: z.ZodType, ref: ArtifactRef, { store, input }: LoadContext): Promise<unknown> {
  const json = await readJson(ref, store);
  const value = json === null && nullMeansUndefined(schema) ? undefined : json;
  if (!needsDecoding(schema)) return value;
  const decoded = await schema.safeDecodeAsync(value as z.input<typeof schema>);
  if (decoded.success) return decoded.data;
  const problems = issueLines(decoded.error.issues, value);
  throw new UsageError(`input '${input}' does not fit the schema that this step declares: ${problems.join('; ')}`, {
    cause: decoded.error,
  });
}

/** The JSON of a reference, a copy of the reader's own. Throws `ArtifactCorrupt`. */
export async function readJson(ref: ArtifactRef, store: ArtifactStore): Promise<JsonValue> {
  if (ref.parts !== undefined) return readList(ref, store);
  if (ref.value !== undefined) return structuredClone(ref.value);
  const bytes = await collect(store.open(ref), ref.size);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as JsonValue;
}

/** The form in which a value is stored, if it fits the schema. Throws `OutputInvalid`. */
export async function encodeJson(schema: z.ZodType, value: unknown, output: string): Promise<JsonValue> {
  const encoded = await schema.safeEncodeAsync(value).catch((error: unknown) => {
    throw outputInvalid(output, '', encodingProblem(error), error);
  });
  if (encoded.success) return encoded.data as JsonValue;
  const lines = issueLines(encoded.error.issues, value);
  throw outputInvalid(output, '', lines.length === 1 ? lines.join() : lines.map((line) => `\n  - ${line}`).join(''), encoded.error);
}

function encodingProblem(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'ZodEncodeError') {
    return 'its schema has a transform, which cannot be reversed to store the value: use z.codec(…) in place of transform() or z.preprocess()';
  }
  if (error instanceof RangeError && /call stack/i.test(message)) return 'refers back to itself, or is nested too deeply';
  return `its schema failed to encode it: ${name}: ${message}`;
}

function chunksOf(value: unknown, output: string): Buffer[] {
  try {
    return canonicalChunks(value);
  } catch (error) {
    throw error instanceof NotJson ? outputInvalid(output, pathText(error.path), error.problem) : error;
  }
}

async function* streamed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const undefinedAsNull = new WeakMap<z.ZodType, boolean>();

function nullMeansUndefined(schema: z.ZodType): boolean {
  let means = undefinedAsNull.get(schema);
  if (means === undefined) {
    means = accepts(schema, undefined) && !accepts(schema, null);
    undefinedAsNull.set(schema, means);
  }
  return means;
}

function accepts(schema: z.ZodType, value: unknown): boolean {
  try {
    return schema.safeDecode(value as z.input<typeof schema>).success;
  } catch {
    // An asynchronous refinement comes after the type was found right.
    return true;
  }
}
