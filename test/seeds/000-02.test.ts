import { expect, it, vi } from 'vitest';
import { PRODUCTION } from '../stacks/yaml-examples.ts';
import { problemsOf, projectOf } from '../stacks/yaml-project.ts';

// Every key of it is compared in test/stacks/configuration.test.ts.
it('the file loads without its variables; only its stack asks for them', () => {
  for (const name of ['GCP_PROJECT', 'GCP_SA', 'FLOWYML_STACK']) vi.stubEnv(name, undefined);
  const { stack, stacks, docker, resources } = projectOf(PRODUCTION);
  expect([stack, Object.keys(stacks), Object.keys(docker ?? {}).length, Object.keys(resources)]).toEqual([
    'local',
    ['local', 'prod-gcp'],
    7,
    ['default', 'gpu_training'],
  ]);
  expect(problemsOf(PRODUCTION, { stack: 'prod-gcp' })).toHaveLength(2);
  vi.stubEnv('GCP_PROJECT', 'my-project');
  vi.stubEnv('GCP_SA', 'sa@my-project');
  expect(projectOf(PRODUCTION, { stack: 'prod-gcp' }).stack).toBe('prod-gcp');
  vi.unstubAllEnvs();
});
