import { cacheKey } from '../../../activities/cache-key.ts';
import { sha256OfJson } from '../../../artifacts/hash.ts';
import { findPipeline, loadModule } from '../../../loader/index.ts';
import { compile } from '../../../pipelines/compile.ts';
import type { ArtifactRef } from '../../../pipelines/run-result.ts';
import { elapsed } from '../sampling.ts';

const ref = (value: number): ArtifactRef => ({ sha256: sha256OfJson(value), type: 'json', size: 8, value });

/** Makes the keys of a pipeline's steps, each with two inputs and a param; gives the milliseconds. */
export async function cacheKeys(module: string, count: number): Promise<number> {
  const { pipeline } = findPipeline(await loadModule(module));
  const { steps } = compile(pipeline, { project: 'bench', stack: 'local' });
  const all = steps.map((step, i) => ({
    step: { ...step, codeIdentity: sha256OfJson(step.name) },
    inputs: { left: ref(i), right: ref(-i) },
    params: { seed: i },
  }));
  const keys = new Set<string>();
  const ms = await elapsed(async () => {
    for (const { step, inputs, params } of all) keys.add(cacheKey(step, inputs, params).key);
  });
  if (keys.size !== count) throw new Error(`${keys.size} keys were made instead of ${count}`);
  return ms;
}
