import { existsSync, readFileSync } from 'node:fs';

/** What a step said, in the order in which it was said. */
export interface Entry {
  tag: string;
  step: string;
  /** In a map: the place of the item; else -1. */
  item: number;
  attempt: number;
  event: 'start' | 'end' | 'fails' | 'stands in';
  pid: number;
  /** Milliseconds since 1970. */
  at: number;
}

export function readLedger(file: string): Entry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as Entry] : [];
      } catch {
        // Torn by the kill of the process that wrote it: it was not said.
        return [];
      }
    });
}
