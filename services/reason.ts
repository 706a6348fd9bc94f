/** One line that says what went wrong. A refused connection to `localhost` is an AggregateError without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const line = error.message.trim().split('\n')[0] ?? '';
  return line || code || error.name;
}

/** The `code` of an error of Node or of PostgreSQL. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
