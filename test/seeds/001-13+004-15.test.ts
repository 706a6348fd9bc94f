import { expect, it } from 'vitest';
import { STAGES } from '../stacks/yaml-examples.ts';
import { makeProject } from '../support/project.ts';

// flowyml.yaml with a stack for this machine and one for Google Cloud, whose variables are not set here.
it('local runs; production says what it needs', async () => {
  const code = "import { pipeline, step } from 'flowyml';\nexport default pipeline('p', { steps: [step({ name: 'load' }, () => {})] });\n";
  const project = await makeProject({ 'pipelines/p.ts': code });
  try {
    project.write('flowyml.yaml', `project: ${project.name}\n${STAGES}`);
    for (const name of ['GCP_PROJECT_ID', 'GCP_BUCKET']) delete project.env[name];
    const run = await project.flowyml('run', 'pipelines/p.ts', '--json');
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'succeeded', stack: 'local' });
    const cloud = await project.flowyml('run', 'pipelines/p.ts', '--stack', 'production');
    expect(cloud.code).toBe(2);
    for (const name of ['GCP_PROJECT_ID', 'GCP_BUCKET']) expect(cloud.stderr).toContain(`the environment variable ${name} is not set`);
  } finally {
    await project.remove();
  }
});
