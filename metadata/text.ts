import type { ErrorInfo } from '../pipelines/run-result.ts';

/** Text for people as PostgreSQL can hold it: NUL and halves of surrogate pairs, which it refuses, become U+FFFD. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');

/** An error as PostgreSQL can hold it: its message may quote whatever the step worked on. */
export const storableError = ({ type, message }: ErrorInfo): ErrorInfo => ({ type: storable(type), message: storable(message) });
