import type { ErrorInfo } from '../pipelines/run-result.ts';

// Errors travel through Temporal, which holds at most 2 MB in one piece; the whole message stands in the attempt's log.
const ERROR_LIMIT = 10_000;

/** Text for people as PostgreSQL can hold it: NUL and halves of surrogate pairs, which it refuses, become U+FFFD. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');

/** An error as it can be kept: its message may quote all that the step worked on. */
export function storableError({ type, message }: ErrorInfo): ErrorInfo {
  const cut =
    message.length > ERROR_LIMIT ? `${message.slice(0, ERROR_LIMIT)}… (${message.length - ERROR_LIMIT} more characters)` : message;
  return { type: storable(type.slice(0, 200)), message: storable(cut) };
}
