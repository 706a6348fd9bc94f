import { fileURLToPath } from 'node:url';
import pMap from 'p-map';
import workerpool from 'workerpool';
import { entryFile, execArguments } from '../loader/spawn.ts';

export interface FunctionPoolOptions {
  workers: number;
  /** The URL of the module that exports the function. */
  module: string;
  signal?: AbortSignal;
}

const CHILD = new URL('./child/function.ts', import.meta.url);

/** Calls an exported function for each item in processes of their own, which end with the last call. */
export async function callInProcesses<R>(
  items: readonly unknown[],
  name: string,
  { workers, module, signal }: FunctionPoolOptions,
): Promise<R[]> {
  const pool = workerpool.pool(entryFile(CHILD), {
    workerType: 'process',
    maxWorkers: workers,
    workerTerminateTimeout: 500,
    forkOpts: { execArgv: execArguments(), serialization: 'advanced' },
  });
  const file = fileURLToPath(module);
  try {
    return await pMap(items, (item, index) => Promise.resolve(pool.exec('call', [file, name, item, index])) as Promise<R>, {
      concurrency: workers,
      ...(signal ? { signal } : {}),
    });
  } finally {
    await Promise.resolve(pool.terminate(true)).catch(() => {});
  }
}
