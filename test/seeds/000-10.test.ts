import { expect, it } from 'vitest';
import { projectWith, runJson } from './support.ts';

// The experiments of a project on the command line, with what training and its last step told them.
it('experiment list counts the runs and names the best; experiment show draws the curve', async () => {
  const project = await projectWith('000-10.ts');
  const train = async (epochs: number) =>
    (await runJson(project, '000-10.ts', '-p', `epochs=${epochs}`, '--experiment', 'fraud-detection-v3')).result;
  const [short, long] = [await train(2), await train(5)];

  const listed = await project.flowyml('experiment', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toEqual([
    {
      ...{ name: 'fraud-detection-v3', runs: 2, lastRunAt: long.startedAt },
      best: {
        auc: { value: 0.9, better: 'higher', run: long.runId },
        registered: { value: 0.9, better: 'higher', run: long.runId },
        val_loss: { value: 0.2, better: 'lower', run: long.runId },
      },
    },
  ]);
  const table = await project.flowyml('experiment', 'list');
  expect(table.stdout).toMatch(/EXPERIMENT +RUNS .*\n.*fraud-detection-v3 +2 .*auc 0\.9 ↑.*val_loss 0\.2 ↓/);

  const { shown, curves } = JSON.parse((await project.flowyml('experiment', 'show', 'fraud-detection-v3', '--json')).stdout);
  expect(shown).toMatchObject([
    { runId: long.runId, status: 'succeeded', params: { epochs: 5, model_uri: 'gs://fraud-models/v3' }, metrics: { auc: 0.9 } },
    { runId: short.runId, status: 'succeeded', params: { epochs: 2, model_uri: 'gs://fraud-models/v3' }, metrics: { auc: 0.75 } },
  ]);
  expect(curves.val_loss[short.runId]).toEqual([
    [1, 1],
    [2, 0.5],
  ]);
});
