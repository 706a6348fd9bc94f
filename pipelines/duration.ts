import ms, { type StringValue } from 'ms';
import { UsageError } from './errors.ts';

/** A span of time: milliseconds, or a string such as `'30 s'`, `'10 minutes'`, `'7 days'`. */
export type Duration = number | string;

/**
 * A duration in milliseconds.
 * @throws UsageError if it is negative, not finite, or not a span of time
 */
export function milliseconds(value: Duration, field: string): number {
  const n = typeof value === 'string' && value ? ms(value as StringValue) : value;
  if (typeof n !== 'number' || !Number.isFinite(n) || n < 0) {
    const given = typeof value === 'string' ? JSON.stringify(value) : String(value);
    throw new UsageError(`${field}: ${given} is not a duration; give milliseconds or a string such as '30 s', '10 minutes' or '7 days'`);
  }
  return Math.round(n);
}
