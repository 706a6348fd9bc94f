import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectWith, runJson } from './support.ts';

// Splitting and training in two steps, and both in one.
it('a change to the training, in a param or in its code, leaves the split alone; in one step, the split is made again', async () => {
  const project = await projectWith('002-02.ts');
  const train = async (rate: number) => (await runJson(project, '002-02.ts', '-p', `rate=${rate}`)).result;
  const first = await train(1);
  const same = await train(1);
  const faster = await train(2);
  const code = readFileSync(join(project.root, '002-02.ts'), 'utf8');
  project.write('002-02.ts', code.replace('weight: rate *', 'weight: 100 * rate *'));
  const changed = await train(2);

  const [made, cached] = ['succeeded', 'cached'];
  const names = ['load', 'split_data', 'train_model', 'split_and_train'];
  expect([first, same, faster, changed].map(({ steps }) => names.map((name) => steps[name]?.status))).toEqual([
    [made, made, made, made],
    [cached, cached, cached, cached],
    [cached, cached, made, made],
    [cached, cached, made, made],
  ]);
  const models = [first, same, faster, changed].map(({ steps }) => [
    steps.train_model?.outputs.model?.value,
    steps.split_and_train?.outputs.other_model?.value,
  ]);
  const model = (weight: number, { runId }: typeof first) => ({ weight, split_in: runId });
  expect(models).toEqual([
    [model(10, first), model(10, first)],
    [model(10, first), model(10, first)],
    [model(20, first), model(20, faster)],
    [model(2000, first), model(2000, changed)],
  ]);
});
