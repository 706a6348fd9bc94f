import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerConfig } from '../../pipelines/docker.ts';
import { packagesMissing, startBuilder } from '../stacks/images/support.ts';

const skipped = await packagesMissing();
const python = (code: string) => ['python', '-c', code];

// The Dockerfile with its two mistakes corrected, built for the docker section of the same seed.
describe.skipIf(skipped)(`training.Dockerfile${skipped ? ` (${skipped})` : ''}`, () => {
  let builder: Awaited<ReturnType<typeof startBuilder>>;

  beforeAll(async () => {
    builder = await startBuilder({ name: 'local/python:3', python: true });
    // Poetry takes its time to install: once is enough.
    const { root } = builder.folder({ Dockerfile: 'FROM local/python:3\nRUN python3 -m pip install poetry==1.8.3\n' });
    await builder.build(root, { image: 'local/poetry:3', dockerfile: 'Dockerfile' });
  });

  afterAll(() => builder?.stop());

  it('takes BASE_IMAGE from base_image, and installs its group where `python` finds it', async () => {
    const text = `ARG BASE_IMAGE=python:3.11-slim
FROM \${BASE_IMAGE}

ENV POETRY_VERSION=1.8.3 \\
    PYTHONUNBUFFERED=1 \\
    PIP_NO_CACHE_DIR=1 \\
    POETRY_VIRTUALENVS_CREATE=false

RUN python3 -m pip install "poetry==\${POETRY_VERSION}"

WORKDIR /app
COPY pyproject.toml poetry.lock ./
RUN poetry install --only main,training --no-root

COPY . .
CMD ["python", "pipelines/fraud_training.py"]
`;
    const { root } = builder.folder(
      { 'docker/training.Dockerfile': text, 'pipelines/fraud_training.py': 'import six, iniconfig; print("trained")\n' },
      'poetry',
    );
    const docker = new DockerConfig({
      dockerfile: './docker/training.Dockerfile',
      buildContext: '.',
      usePoetry: true,
      requirementsFile: 'build/requirements.txt',
      baseImage: 'local/poetry:3',
      envVars: { PYTHONUNBUFFERED: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
      buildArgs: { POETRY_EXTRA: 'training' },
    });
    const image = await builder.build(root, docker);
    expect(builder.lines).toContain('docker.requirements_file is not used: docker/training.Dockerfile says what is installed');
    expect(await builder.run(image, 'python', 'pipelines/fraud_training.py')).toBe('trained');
  });

  it('installs the main packages, with the groups that are named', async () => {
    const { root } = builder.folder({}, 'poetry');
    const seen = python('import importlib.util as u; print(*[n for n in ("six", "iniconfig") if u.find_spec(n)])');
    const main = await builder.build(root, { baseImage: 'local/poetry:3', usePoetry: true });
    expect(builder.lines).toContainEqual(expect.stringContaining('poetry==1.8.3'));
    expect(await builder.run(main, ...seen)).toBe('six');
    const training = await builder.build(root, { baseImage: 'local/poetry:3', usePoetry: true, poetryGroups: ['training'] });
    expect(await builder.run(training, ...seen)).toBe('six iniconfig');
  });
});
