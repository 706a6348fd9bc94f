import { UsageError } from './errors.ts';

/** Throws UsageError with all the problems, if there are any. */
export function checked(problems: readonly string[]): void {
  if (problems.length) throw new UsageError(problems.join('\n'));
}

/** A text that is the same for the same data, in whatever order it was written. */
export const canonical = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** Without what is undefined. */
export const given = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
