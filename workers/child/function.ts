import { pathToFileURL } from 'node:url';
import workerpool from 'workerpool';
import { startWatchdog } from './watchdog.ts';

// The entry of a process of `parallelMap(…, { workers })`.

startWatchdog(process.ppid, 0);

async function call(file: string, name: string, item: unknown, index: number): Promise<unknown> {
  const exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const fn = exports[name];
  if (typeof fn !== 'function')
    throw new TypeError(`parallelMap: ${file} does not export a function '${name}': export it under its own name, or leave workers out`);
  try {
    return await fn(item, index);
  } catch (error) {
    // Errors cross to the parent by their own properties, and that of a RangeError is its class's.
    if (error instanceof Error) Object.defineProperty(error, 'name', { value: error.name, enumerable: true });
    throw error;
  }
}

workerpool.worker({ call });
