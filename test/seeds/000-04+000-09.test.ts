import { afterAll, beforeAll, expect, it } from 'vitest';
import { follow } from '../../stacks/images/build.ts';
import { dockerMissing, startDocker, type TestDocker } from '../support/docker.ts';
import { makeBaseImage } from '../support/images.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry.ts';

const missing = dockerMissing() ?? registryMissing();
let docker: TestDocker;
let registry: TestRegistry;
let project: TestProject;
beforeAll(async () => {
  if (missing) return;
  [docker, registry] = await Promise.all([startDocker(), startRegistry()]);
  await makeBaseImage(docker.client, { name: 'local/node:20' });
  project = await makeProject({
    'pipelines/p.ts': `import { pipeline, step } from 'flowyml';
export default pipeline('fraud', { steps: [step({ name: 'train', group: 'training' }, () => {})] });\n`,
    'docker/training.Dockerfile': 'FROM local/node:20\nCOPY . /app\n',
    '.dockerignore': '.tmp\n',
  });
  project.env.DOCKER_HOST = docker.host;
});
afterAll(async () => {
  await project?.remove();
  await docker?.stop();
  await registry?.stop();
});

const yaml = (dockerSection: string) => `project: ${project.name}
stacks:
  prod-gcp:
    type: gcp
    project_id: test
    region: us-central1
    bucket_name: artifacts
    executor: docker
    container_registry: { type: gcr, uri: ${registry.host}/test }
docker: ${dockerSection}
`;

it('an image that was built and pushed by hand is used as it is', async (context) => {
  if (missing) return context.skip(missing);
  const image = `${registry.host}/test/fraud-training`;
  await docker.client.getImage('local/node:20').tag({ repo: image, tag: 'v3' });
  const pushing = await docker.client.getImage(image).push({ tag: 'v3', authconfig: {} });
  await follow(docker.client, pushing, () => {});
  project.write('flowyml.yaml', yaml(`{ image: '${image}:v3' }`));
  const before = registry.requests().filter((line) => line.startsWith('PUT')).length;
  const { code, stdout, stderr } = await project.flowyml('stack', 'apply', 'prod-gcp');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`training\\s+${image}@sha256:[0-9a-f]{64}\\s+unchanged`));
  expect(registry.requests().filter((line) => line.startsWith('PUT'))).toHaveLength(before);
});

it('`flowyml stack apply prod-gcp` builds, pushes and prints the exact address', async (context) => {
  if (missing) return context.skip(missing);
  project.write('flowyml.yaml', yaml('{ dockerfile: ./docker/training.Dockerfile }'));
  const { code, stdout, stderr } = await project.flowyml('stack', 'apply', 'prod-gcp');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`training\\s+${registry.host}/test/\\S+@sha256:[0-9a-f]{64}\\s+built, pushed`));
});
