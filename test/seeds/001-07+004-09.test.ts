import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerConfig } from '../../pipelines/docker.ts';
import { imageSource } from '../../stacks/images/build-source.ts';
import { packagesMissing, startBuilder } from '../stacks/images/support.ts';

it('prebuilt: nothing is built', () => {
  const image = 'gcr.io/my-project/ml-pipeline:v1.0';
  expect(imageSource(new DockerConfig({ image }), '.')).toEqual({ kind: 'prebuilt', image });
});

const skipped = await packagesMissing();

// With base images and packages that are there and small.
describe.skipIf(skipped)(`built${skipped ? ` (${skipped})` : ''}`, () => {
  let builder: Awaited<ReturnType<typeof startBuilder>>;

  beforeAll(async () => {
    builder = await startBuilder({ name: 'local/python:3', python: true });
  });

  afterAll(() => builder?.stop());

  it('from a Dockerfile, with its build argument', async () => {
    const { root } = builder.folder({
      Dockerfile: 'FROM local/python:3\nARG PYTHON_VERSION=none\nRUN echo "$PYTHON_VERSION" > /version\n',
    });
    const docker = new DockerConfig({ dockerfile: './Dockerfile', buildContext: '.', buildArgs: { PYTHON_VERSION: '3.11' } });
    expect(await builder.run(await builder.build(root, docker), 'cat', '/version')).toBe('3.11');
  });

  it('from a base image and requirements; env_vars are not in it', async () => {
    const { root } = builder.folder({});
    const docker = new DockerConfig({
      baseImage: 'local/python:3',
      requirements: ['six>=1.16.0', 'idna>=3.0'],
      envVars: { PYTHONUNBUFFERED: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
    });
    const image = await builder.build(root, docker);
    expect(await builder.run(image, 'python', '-c', 'import os, six, idna; print("TF_CPP_MIN_LOG_LEVEL" in os.environ)')).toBe('False');
  });
});
