import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';

// The stack by a variable of the environment.
it('is that of the environment, and local where nothing is said', async () => {
  const project = await projectWith('001-12.ts');
  const chosen = [];
  for (const environment of ['production', 'staging', undefined]) {
    if (environment) project.env.ENVIRONMENT = environment;
    else delete project.env.ENVIRONMENT;
    const { name, type, artifactStore } = JSON.parse(await printed(project, '001-12.ts'));
    chosen.push([name, type, artifactStore.bucket ?? artifactStore.path]);
  }
  expect(chosen).toEqual([
    ['production', 'gcp', 'my-artifacts'],
    ['staging', 'gcp', 'staging-artifacts'],
    ['local', 'local', '.flowyml/artifacts'],
  ]);
});
