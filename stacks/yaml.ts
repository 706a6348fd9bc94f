import { createRequire } from 'node:module';
import type { Document } from 'yaml';
import { UsageError } from '../pipelines/errors.ts';

// Loaded where a file is read: whoever imports flowyml's classes need not wait for it.
const yaml = () => createRequire(import.meta.url)('yaml') as typeof import('yaml');

export interface YamlFile {
  data: unknown;
  /** The line of a key; undefined where there is none. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/**
 * Reads YAML, and so JSON.
 * @throws UsageError naming the file and the line
 */
export function readYaml(text: string, file: string): YamlFile {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number) => lines.linePos(offset).line;
  const [broken] = document.errors;
  if (broken) {
    const reason = broken.code === 'MULTIPLE_DOCS' ? 'it holds several documents' : broken.message.split('\n')[0];
    throw new UsageError(`${file}:${line(broken.pos[0])}: not valid ${file.endsWith('.json') ? 'JSON' : 'YAML'}: ${reason}`);
  }
  try {
    const lineOf = (path: readonly PropertyKey[]) => {
      const offset = position(document, path);
      return offset === undefined ? undefined : line(offset);
    };
    return { data: document.toJS() ?? {}, lineOf };
  } catch (error) {
    // An alias without its anchor.
    throw new UsageError(`${file}: not valid YAML: ${(error as Error).message}`, { cause: error });
  }
}

/** Where a key begins. */
function position(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  const { isMap, isPair, isScalar, visit } = yaml();
  let found: number | undefined;
  visit(document, {
    Pair(_, pair, ancestors) {
      const keys = [...ancestors, pair].flatMap((node) => (isPair(node) && isScalar(node.key) ? [String(node.key.value)] : []));
      if (keys.length === path.length && keys.every((key, i) => key === String(path[i])) && isScalar(pair.key)) {
        found = pair.key.range?.[0];
        return visit.BREAK;
      }
      return isMap(pair.value) ? undefined : visit.SKIP;
    },
  });
  return found;
}
