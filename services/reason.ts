/** One line that says what went wrong. A refused connection to `localhost` is an AggregateError without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const line = error.message.trim().split('\n')[0] ?? '';
  return shorten(line, 300) || code || error.name;
}

/** Cuts the middle out of a long line: tools that wrap errors put the cause last. */
export function shorten(line: string, length: number): string {
  return line.length <= length ? line : `${line.slice(0, length / 3)} … ${line.slice((-length * 2) / 3)}`;
}

/** The `code` of an error of Node or of PostgreSQL. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
