import { AsyncLocalStorage } from 'node:async_hooks';
import type { AnyPipeline } from '../pipelines/pipeline.ts';

// On `globalThis`, so that the `run()` of another copy of flowyml finds it too.
const KEY = Symbol.for('flowyml.loader');

interface Loader {
  /** False where the caller's code was not started by a loader. */
  take(pipeline: AnyPipeline): boolean;
}

interface Load {
  take(pipeline: AnyPipeline): void;
}

const place = globalThis as { [KEY]?: Loader };
// What a module starts while it is evaluated carries its load along: two loads at once do not mix, and a script that calls
// `run()` late, after an await of its own, does not run either.
const loads = new AsyncLocalStorage<Load>();

/**
 * Called by `run()` first of all: true means that this code runs because a loader imports its module. The pipeline is then
 * the loader's, and `run()` must return a promise that never settles instead of running it.
 */
export function handOver(pipeline: AnyPipeline): boolean {
  return place[KEY]?.take(pipeline) ?? false;
}

/** Runs `evaluate`; the pipelines that the code it starts passes to `run()` go to `take`. */
export function collectHandOvers<T>(take: (pipeline: AnyPipeline) => void, evaluate: () => T): T {
  place[KEY] ??= {
    take(pipeline) {
      const load = loads.getStore();
      load?.take(pipeline);
      return load !== undefined;
    },
  };
  return loads.run({ take }, evaluate);
}
