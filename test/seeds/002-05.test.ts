import { expect, it } from 'vitest';
import { compile, pipeline } from '../../index.ts';
import training, { withCacheDir } from './twins/002-05.ts';

// A pipeline with every option given.
const target = { project: 'queues', stack: 'local' };

it('takes every option', () => {
  const plan = compile(training, target);
  expect(plan).toMatchObject({
    pipeline: 'training_pipeline',
    version: 'v1.0.0',
    stack: 'local',
    project: 'ml_project',
    context: { learning_rate: 0.001, batch_size: 32 },
  });
  expect(plan.steps).toMatchObject([{ name: 'train', params: ['learning_rate', 'batch_size'], executor: 'local' }]);
  expect(training.options).toMatchObject({ cache: true, checkpointing: true, experimentTracking: true });
});

it('the project is a label: queues keep the name of flowyml.yaml', () => {
  expect(compile(training, target).steps[0]?.taskQueue).toBe('queues');
});

it('takes the names of the Python original for the same options', () => {
  const named: object = { enable_cache: false, project_name: 'ml_project', enable_checkpointing: true, enable_experiment_tracking: false };
  expect(pipeline('named', named).options).toEqual({ cache: false, project: 'ml_project', checkpointing: true, experimentTracking: false });
});

it('refuses a folder for the cache with the reason, and unknown options with the nearest', () => {
  expect(withCacheDir).toThrow(/'cache_dir' is not supported: .*PostgreSQL.*artifact store/);
  const misspelt: object = { contxt: {} };
  expect(() => pipeline('misspelt', misspelt)).toThrow("unknown option 'contxt'; did you mean 'context'?");
});
