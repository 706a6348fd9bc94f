import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type SourceFile, sourceFile } from './source-file.ts';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const values = new WeakMap<SourceFile, string>();

/**
 * The hash of a file that is no code: JSON by its value, so that layout does not matter (the order of keys does), anything
 * else by its bytes.
 * @throws what `fs` throws where it cannot be read
 */
export function dataHash(file: string): { kind: 'json' | 'asset'; hash: string } {
  const source = sourceFile(file);
  if (!file.endsWith('.json')) return { kind: 'asset', hash: source.hash };
  let hash = values.get(source);
  if (hash === undefined) {
    hash = valueHash(file) ?? source.hash;
    values.set(source, hash);
  }
  return { kind: 'json', hash };
}

function valueHash(file: string): string | undefined {
  try {
    return sha256(JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))));
  } catch {
    return undefined;
  }
}
