import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats, statSync } from 'node:fs';
import { extname } from 'node:path';
import { type ParseResult, parseSync } from 'oxc-parser';

/** A file of the project as it is now. `parse` is there for TypeScript and JavaScript. */
export interface SourceFile {
  file: string;
  /** SHA-256 of the content; line ends of source text count as `\n`, as the language itself has it. */
  hash: string;
  text: string | undefined;
  /** Parsed when first asked for, then kept. */
  parse: (() => ParseResult) | undefined;
}

interface Entry {
  source: SourceFile;
  stamp: string;
  /** Whether the file was old enough when it was read that a later change must change its stamp. */
  settled: boolean;
}

const MODULES = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']);
// The clock of a file system may tick as slowly as this; a file changed since could keep its stamp.
const SLOWEST_TICK_MS = 2_000;

const entries = new Map<string, Entry>();

/** Whether a file is TypeScript or JavaScript, whose imports count. */
export const isModule = (file: string) => MODULES.has(extname(file));

/**
 * Reads a file, or answers from memory where its time and size are as they were.
 * @throws what `fs` throws where it cannot be read
 */
export function sourceFile(file: string): SourceFile {
  const stats = statSync(file);
  const stamp = stampOf(stats);
  const known = entries.get(file);
  if (known?.settled && known.stamp === stamp) return known.source;
  const settled = Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > SLOWEST_TICK_MS;
  const read = isModule(file) ? readModule(file) : readBytes(file);
  // The same text read again keeps its syntax tree.
  const source = known?.source.hash === read.hash ? known.source : read;
  entries.set(file, { source, stamp, settled });
  return source;
}

const stampOf = ({ mtimeMs, ctimeMs, size, ino }: Stats) => `${mtimeMs} ${ctimeMs} ${size} ${ino}`;

function readModule(file: string): SourceFile {
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  let parsed: ParseResult | undefined;
  const parse = () => {
    parsed ??= parseModule(file, text);
    return parsed;
  };
  return { file, text, hash: createHash('sha256').update(text).digest('hex'), parse };
}

function parseModule(file: string, text: string): ParseResult {
  const asCommonJs = () => parseSync(file, text, { sourceType: 'commonjs' });
  if (/\.c[jt]s$/.test(file)) return asCommonJs();
  const parsed = parseSync(file, text, { sourceType: 'module' });
  // `.js` is either; what CommonJS alone allows (a `return` at the top, `with`) is an error in a module.
  return parsed.errors.length && file.endsWith('.js') ? asCommonJs() : parsed;
}

/** In pieces: what a module names by `new URL('./data', import.meta.url)` may be large. */
function readBytes(file: string): SourceFile {
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(fstatSync(descriptor).size, 1), 1 << 20));
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
  return { file, text: undefined, hash: hash.digest('hex'), parse: undefined };
}
