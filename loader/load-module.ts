import { pathToFileURL } from 'node:url';
import { type AnyPipeline, isPipeline } from '../pipelines/pipeline.ts';
import { collectHandOvers } from './hand-over.ts';
import { loadFailure } from './load-failure.ts';
import { moduleFile } from './module-argument.ts';

export interface FoundPipeline {
  /** The name under which the module exports it; '' for one that the module's script passes to `run()`. */
  exportName: string;
  pipeline: AnyPipeline;
}

export interface LoadedModule {
  /** Absolute, symbolic links resolved. */
  file: string;
  /** The default export first. */
  pipelines: FoundPipeline[];
  /** The names of all that it exports; empty where the script stands still at its `await run()`. */
  exportNames: string[];
}

const loaded = new Map<string, Promise<LoadedModule>>();
const tried = new Set<string>();
let reloads = 0;

/**
 * Imports a user's module, TypeScript or JavaScript, and finds its pipelines: those it exports, and those that it passes to
 * `run()`, which does not run then. The same file gives the same pipelines again, unless it failed the last time, or `fresh`
 * asks for it and all project files that it imports to be read again.
 * @throws UsageError saying what is wrong with the file, or why it cannot be imported
 */
export async function loadModule(path: string, options: { fresh?: boolean } = {}): Promise<LoadedModule> {
  const file = moduleFile(path);
  const known = options.fresh ? undefined : loaded.get(file);
  if (known) return known;
  // Node remembers a module as it was first read, and a failed one as failed.
  const module = importModule(file, tried.has(file));
  tried.add(file);
  loaded.set(file, module);
  module.catch(() => {
    if (loaded.get(file) === module) loaded.delete(file);
  });
  return module;
}

async function importModule(file: string, again: boolean): Promise<LoadedModule> {
  await import(new URL('./register.mjs', import.meta.url).href);
  const url = pathToFileURL(file);
  if (again) url.searchParams.set('flowyml-fresh', String(++reloads));
  const { exports, handedOver } = await evaluate(file, url.href);
  const exportNames = Object.keys(exports)
    .filter((name) => name !== 'module.exports' && name !== '__esModule')
    .sort((a, b) => Number(b === 'default') - Number(a === 'default'));
  const pipelines: FoundPipeline[] = [];
  for (const exportName of exportNames) {
    const pipeline = exports[exportName];
    if (isPipeline(pipeline)) pipelines.push({ exportName, pipeline });
  }
  for (const pipeline of handedOver) {
    if (!pipelines.some((each) => each.pipeline === pipeline)) pipelines.push({ exportName: '', pipeline });
  }
  return { file, pipelines, exportNames };
}

interface Evaluated {
  exports: Record<string, unknown>;
  handedOver: AnyPipeline[];
}

async function evaluate(file: string, url: string): Promise<Evaluated> {
  const handedOver: AnyPipeline[] = [];
  const { promise, resolve, reject } = withResolvers<Record<string, unknown>>();
  const take = (pipeline: AnyPipeline) => {
    if (!isPipeline(pipeline)) return reject(new TypeError('run() was given something that is not a pipeline'));
    if (!handedOver.includes(pipeline)) handedOver.push(pipeline);
    // At `await run()` the module stands still for ever. Without the await it ends in this same turn, and its exports count.
    setImmediate(resolve, {});
  };
  // What a module leaves running and fails would else end the process with a raw stack.
  process.on('unhandledRejection', reject);
  process.on('uncaughtException', reject);
  try {
    collectHandOvers(take, () => import(url)).then(resolve, reject);
    return { exports: await promise, handedOver };
  } catch (error) {
    throw await loadFailure(file, error);
  } finally {
    process.off('unhandledRejection', reject);
    process.off('uncaughtException', reject);
  }
}

// Promise.withResolvers is not in Node 20.
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
