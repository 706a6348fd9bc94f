import { UsageError } from './errors.ts';

/** Throws UsageError with all the problems, if there are any. */
export function checked(problems: readonly string[]): void {
  if (problems.length) throw new UsageError(problems.join('\n'));
}

/** Without what is undefined. */
export const given = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
