import { UsageError } from '../pipelines/errors.ts';
import { describeValue, type Path, pathText } from './describe.ts';

const MAX_DEPTH = 1_000;
const FLUSH_AT = 64 * 1024;
// Strings without quotes, backslashes, control characters and surrogates: JSON.stringify would change nothing in them.
const NO_ESCAPES = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** A value that JSON cannot say, and where in the whole it stands. */
export class NotJson extends UsageError {
  readonly path: Path;
  readonly problem: string;

  constructor(path: Path, problem: string) {
    super(path.length ? `at ${pathText(path)}: ${problem}` : problem);
    this.path = path;
    this.problem = problem;
  }
}

/**
 * The value as canonical JSON (RFC 8785: keys sorted by UTF-16 code units, no white space), in UTF-8 chunks of about
 * 64 KiB. Keys whose value is undefined are left out; every other value that JSON cannot say throws `NotJson`.
 * Written here and not by the package `canonicalize` because that one takes two to four times as long, makes
 * one string of at most 512 MB, and turns Dates and holes in arrays into something else without a word.
 */
export function canonicalChunks(value: unknown): Buffer[] {
  const writer = new Writer();
  writer.write(value, 0);
  return writer.finish();
}

/** The value as one string of canonical JSON: see `canonicalChunks`. */
export const canonicalJson = (value: unknown): string => Buffer.concat(canonicalChunks(value)).toString();

class Writer {
  private text = '';
  private readonly chunks: Buffer[] = [];
  // The way from the top to the value being written: objects to notice cycles, keys to name the place of a problem.
  private readonly parents: object[] = [];
  private readonly keys: (string | number)[] = [];

  write(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.text += quoted(value);
        return;
      case 'number':
        if (!Number.isFinite(value)) throw this.problem(depth, value);
        this.text += value;
        return;
      case 'boolean':
        this.text += value;
        return;
      case 'object':
        if (value === null) this.text += 'null';
        else if (Array.isArray(value)) this.writeArray(value, depth);
        else if (isPlain(value)) this.writeObject(value as Record<string, unknown>, depth);
        else throw this.problem(depth, value);
        return;
      default:
        throw this.problem(depth, value);
    }
  }

  finish(): Buffer[] {
    if (this.text || !this.chunks.length) this.flush();
    return this.chunks;
  }

  private writeArray(array: readonly unknown[], depth: number): void {
    this.enter(array, depth);
    this.text += '[';
    for (let i = 0; i < array.length; i++) {
      if (i) this.text += ',';
      this.keys[depth] = i;
      this.write(array[i], depth + 1);
      if (this.text.length > FLUSH_AT) this.flush();
    }
    this.text += ']';
    this.parents.length = depth;
  }

  private writeObject(object: Record<string, unknown>, depth: number): void {
    this.enter(object, depth);
    let separator = '{';
    for (const key of Object.keys(object).sort()) {
      const value = object[key];
      if (value === undefined) continue;
      this.text += `${separator}${quoted(key)}:`;
      separator = ',';
      this.keys[depth] = key;
      this.write(value, depth + 1);
      if (this.text.length > FLUSH_AT) this.flush();
    }
    this.text += separator === '{' ? '{}' : '}';
    this.parents.length = depth;
  }

  private enter(object: object, depth: number): void {
    if (this.parents.includes(object))
      throw new NotJson(this.path(depth), 'refers back to an object that contains it, which JSON cannot say');
    if (depth >= MAX_DEPTH) throw new NotJson(this.path(8), `is nested more than ${MAX_DEPTH} levels deep`);
    this.parents[depth] = object;
  }

  private flush(): void {
    this.chunks.push(Buffer.from(this.text));
    this.text = '';
  }

  private path(depth: number): Path {
    return this.keys.slice(0, depth);
  }

  private problem(depth: number, value: unknown): NotJson {
    return new NotJson(this.path(depth), `expected a value that JSON knows, received ${describeValue(value)}${advice(value)}`);
  }
}

const quoted = (text: string): string => (NO_ESCAPES.test(text) ? `"${text}"` : JSON.stringify(text));

// By prototype's prototype, because a plain object of another realm (a test runner's, a vm context's) is plain too.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function advice(value: unknown): string {
  if (value === undefined) return ': use null, or leave the element out';
  if (typeof value === 'number') return ': use null, or a codec in the schema';
  if (typeof value === 'bigint' || value instanceof Date)
    return ': give the schema a codec (z.codec) that turns it into a string or a number';
  if (value instanceof Map || value instanceof Set) return ': use an object or an array, or a codec in the schema';
  if (ArrayBuffer.isView(value)) return ': use Array.from(…), or declare the output as table() or bytes()';
  return '';
}
