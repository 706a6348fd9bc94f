import { type Document, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../pipelines/errors.ts';

export interface YamlFile {
  data: unknown;
  document: Document.Parsed;
  /** The line of a character. */
  line(offset: number): number;
}

/**
 * Reads YAML, and so JSON.
 * @throws UsageError naming the file and the line
 */
export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number) => lines.linePos(offset).line;
  const [broken] = document.errors;
  if (broken) {
    const reason = broken.code === 'MULTIPLE_DOCS' ? 'it holds several documents' : broken.message.split('\n')[0];
    throw new UsageError(`${file}:${line(broken.pos[0])}: not valid ${file.endsWith('.json') ? 'JSON' : 'YAML'}: ${reason}`);
  }
  try {
    return { data: document.toJS() ?? {}, document, line };
  } catch (error) {
    // An alias without its anchor.
    throw new UsageError(`${file}: not valid YAML: ${(error as Error).message}`, { cause: error });
  }
}
