/** What is replaced in a history: machine names, folders. Longer ones first. */
export type Replacements = readonly (readonly [from: string, to: string])[];

/**
 * A history, as Temporal's JSON has it, without what is true of one machine only: who worked on it, and where. What the
 * replay compares (which commands in which order) does not change.
 */
export function neutral(history: unknown, replacements: Replacements): unknown {
  return walk(history, (text) => replacements.reduce((result, [from, to]) => result.replaceAll(from, to), text));
}

/** All text in a history, payloads decoded. */
export function textOf(history: unknown): string {
  const lines: string[] = [];
  walk(history, (text) => {
    lines.push(text);
    return text;
  });
  return lines.join('\n');
}

function walk(value: unknown, change: (text: string) => string, key = ''): unknown {
  if (typeof value === 'string') {
    if (key === 'identity') return change('worker');
    // Of a payload; its metadata is base64 too, and says nothing of the machine.
    return key === 'data' ? encode(change(Buffer.from(value, 'base64').toString())) : change(value);
  }
  if (Array.isArray(value)) return value.map((each) => walk(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    // Stack traces hold paths, and nobody reads them here.
    Object.entries(value).map(([name, each]) => [name, name === 'stackTrace' ? '' : walk(each, change, name)]),
  );
}

const encode = (text: string) => Buffer.from(text).toString('base64');
