import { stepIdentities } from '../../../identity/step-identity.ts';
import { findPipeline, loadModule } from '../../../loader/index.ts';
import { answer } from '../helper.ts';
import { elapsed } from '../sampling.ts';

// A process of its own: whatever was read once is known from then on.

export interface ColdAndWarm {
  cold: number;
  warm: number;
}

export interface Modules {
  module: string;
  /** Another, hashed before: what it takes to load the parser and the like is not counted. */
  before: string;
  root: string;
  steps: number;
}

answer(async ({ module, before, root, steps }: Modules): Promise<ColdAndWarm> => {
  const [first, second] = await Promise.all([loadModule(before), loadModule(module)]);
  await stepIdentities(findPipeline(first).pipeline, before, { root });
  const { pipeline } = findPipeline(second);
  const hash = () =>
    elapsed(async () => {
      const { size } = await stepIdentities(pipeline, module, { root });
      if (size !== steps) throw new Error(`${size} steps were hashed instead of ${steps}`);
    });
  const cold = await hash();
  return { cold, warm: await hash() };
});
