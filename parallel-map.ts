import pMap from 'p-map';
import { UsageError } from './pipelines/errors.ts';

export interface ParallelMapOptions {
  /** Calls at a time, in this process; unlimited unless given. */
  concurrency?: number;
  /** Calls at a time, each in a process of its own: for work that keeps a CPU busy. Needs `module`. */
  workers?: number;
  /** With `workers`: `import.meta.url` of the module that exports the function under its own name. */
  module?: string;
  /** Ends the waiting; give a step's `run.signal`. With `workers` it ends the processes too. */
  signal?: AbortSignal;
}

/**
 * Calls a function for each item, several at a time, inside a step. Results come in the order of the items; the first
 * error wins, and no further call is begun.
 * @throws what the function throws; UsageError for `workers` with a function that its module does not export
 *
 * @example
 * const pages = await parallelMap(urls, fetchPage, { concurrency: 8, signal: run.signal });
 * const scores = await parallelMap(models, score, { workers: 4, module: import.meta.url });
 */
export async function parallelMap<T, R>(
  items: Iterable<T>,
  fn: (item: T, index: number) => R | Promise<R>,
  options: ParallelMapOptions = {},
): Promise<R[]> {
  const { concurrency, workers, module, signal } = options;
  for (const [field, value] of Object.entries({ concurrency, workers })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new UsageError(`parallelMap: ${field}: ${value} is not a whole number of at least 1`);
  }
  if (workers === undefined) {
    return pMap(items, fn, { ...(concurrency === undefined ? {} : { concurrency }), ...(signal ? { signal } : {}) });
  }
  if (!module || !fn.name) {
    throw new UsageError(
      'parallelMap: with workers, give module: import.meta.url of the module that exports the function; a function written in place cannot cross into another process',
    );
  }
  const { callInProcesses } = await import('./workers/function-pool.ts');
  return callInProcesses([...items], fn.name, { workers, module, ...(signal ? { signal } : {}) });
}
