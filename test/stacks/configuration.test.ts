import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PRODUCTION, STAGES } from './yaml-examples.ts';
import { problemsOf, projectOf } from './yaml-project.ts';

// flowyml.yaml: what it means, and what is said where it is wrong.

beforeEach(() => {
  vi.unstubAllEnvs();
  for (const name of ['FLOWYML_STACK', 'FLOWYML_PROJECT', 'GCP_PROJECT', 'GCP_SA', 'GCP_PROJECT_ID', 'GCP_BUCKET'])
    vi.stubEnv(name, undefined);
});

describe('the file of the container guide', () => {
  it('means what it says, key by key', () => {
    const { stacks, docker, resources, stack } = projectOf(PRODUCTION);
    expect(stacks['prod-gcp']).toEqual({
      name: 'prod-gcp',
      type: 'gcp',
      projectId: '${GCP_PROJECT}',
      region: 'us-central1',
      containerRegistry: { type: 'gcr', uri: 'gcr.io/${GCP_PROJECT}' },
      orchestrator: { type: 'vertex_ai', serviceAccount: '${GCP_SA}' },
    });
    expect(docker).toEqual({
      dockerfile: './docker/training.Dockerfile',
      buildContext: '.',
      usePoetry: true,
      requirementsFile: 'build/requirements.txt',
      baseImage: 'python:3.11-slim',
      envVars: { PYTHONUNBUFFERED: '1', TF_CPP_MIN_LOG_LEVEL: '2' },
      buildArgs: { POETRY_EXTRA: 'training' },
    });
    expect(resources).toEqual({
      default: { cpu: '4', memory: '16Gi', diskSize: '100Gi' },
      gpu_training: { cpu: '16', memory: '64Gi', gpu: 'nvidia-l4', gpuCount: 1, machineType: 'n1-standard-16' },
    });
    // It says nothing of a stack in use, nor of a local one.
    expect(stack).toBe('local');
    expect(stacks.local?.artifactStore).toEqual({ type: 'local', path: '.flowyml/artifacts' });
  });

  it('needs its variables only where its stack is in use, and says which line names them', () => {
    expect(problemsOf(PRODUCTION, { stack: 'prod-gcp' })).toEqual([
      "flowyml.yaml:8: stack 'prod-gcp': the environment variable GCP_PROJECT is not set: set it, or write a default, ${GCP_PROJECT:-…}",
      "flowyml.yaml:11: stack 'prod-gcp': the environment variable GCP_SA is not set: set it, or write a default, ${GCP_SA:-…}",
    ]);
    vi.stubEnv('GCP_PROJECT', 'p');
    vi.stubEnv('GCP_SA', 'sa@p');
    expect(projectOf(PRODUCTION, { stack: 'prod-gcp' }).stack).toBe('prod-gcp');
  });
});

describe('the file of the stack guide', () => {
  it('means what it says', () => {
    const { stacks, stack } = projectOf(STAGES);
    expect(stack).toBe('local');
    expect(stacks.local).toEqual({ name: 'local', type: 'local', artifactStore: { type: 'local', path: '.flowyml/artifacts' } });
    expect(stacks.production).toEqual({
      name: 'production',
      type: 'gcp',
      projectId: '${GCP_PROJECT_ID}',
      region: 'us-central1',
      artifactStore: { type: 'gcs', bucket: '${GCP_BUCKET}', projectId: '${GCP_PROJECT_ID}' },
      containerRegistry: { type: 'artifact_registry', uri: 'us-central1-docker.pkg.dev/${GCP_PROJECT_ID}/flowyml' },
      orchestrator: { type: 'vertex_ai' },
    });
  });
});

describe('a stack', () => {
  it.each([
    ['local', 'artifact_path: kept', 'artifact_store: { path: kept }'],
    ['local', 'metadata_path: db', 'metadata_store: { type: embedded, path: db }'],
    ['gcp', 'bucket_name: b', 'artifact_store: { bucket: b }'],
    ['gcp', 'registry_uri: gcr.io/p', 'container_registry: { type: gcr, uri: gcr.io/p }'],
    ['gcp', 'registry_uri: eu-docker.pkg.dev/p/r', 'container_registry: { type: artifact_registry, uri: eu-docker.pkg.dev/p/r }'],
    ['gcp', 'service_account: s', 'orchestrator: { type: vertex_ai, service_account: s }'],
    ['aws', 's3_bucket: b', 'artifact_store: { type: s3, bucket: b }'],
    ['aws', 'ecr_registry: e', 'container_registry: { type: ecr, uri: e }'],
  ])('of type %s: flat %s is nested %s; both at once are refused', (type, flat, nested) => {
    const yaml = (...lines: string[]) => `stacks:\n  x:\n    type: ${type}\n${lines.map((line) => `    ${line}\n`).join('')}`;
    const [one, other] = [projectOf(yaml(flat)), projectOf(yaml(nested))].map(({ stacks }) => stacks.x);
    expect(one).toEqual(other);
    const [problem, ...more] = problemsOf(yaml(nested, flat));
    expect(more).toEqual([]);
    expect(problem).toMatch(/^flowyml\.yaml:5: stack 'x': '\w+' and '[\w.]+' say the same: keep one$/);
  });

  it('takes what it does not name itself from the top of the file', () => {
    const shared = 'executor: docker\nartifact_store: { type: s3, bucket: shared }\nmetadata_store: { type: embedded, path: db }\n';
    const stacks = 'stacks: { laptop: {}, own: { artifact_path: kept, executor: local }, prod: { type: gcp, bucket_name: b } }\n';
    const project = projectOf(shared + stacks);
    const [bucket, db] = [
      { type: 's3', bucket: 'shared' },
      { type: 'embedded', path: 'db' },
    ];
    expect(project.stacks.laptop).toEqual({
      name: 'laptop',
      type: 'local',
      executor: { type: 'docker' },
      artifactStore: bucket,
      metadataStore: db,
    });
    expect(project.stacks.local?.artifactStore).toEqual(bucket);
    expect(project.stacks.own).toMatchObject({ executor: { type: 'local' }, artifactStore: { type: 'local', path: 'kept' } });
    expect(project.stacks.prod).toMatchObject({ executor: { type: 'docker' }, artifactStore: { type: 'gcs', bucket: 'b' } });
  });

  it('is in use: named by the caller, by FLOWYML_STACK, by active_stack', () => {
    const yaml = 'active_stack: a\nstacks: { a: {}, b: {}, c: {} }\n';
    expect(projectOf(yaml).stack).toBe('a');
    vi.stubEnv('FLOWYML_STACK', 'b');
    expect(projectOf(yaml).stack).toBe('b');
    expect(projectOf(yaml, { stack: 'c' }).stack).toBe('c');
    expect(problemsOf(yaml, { stack: 'd' })).toEqual([expect.stringMatching(/^--stack: no stack is named 'd'; /)]);
    vi.stubEnv('FLOWYML_STACK', 'bb');
    expect(problemsOf(yaml)).toEqual(["FLOWYML_STACK: no stack is named 'bb'; did you mean 'b'?"]);
    vi.stubEnv('FLOWYML_STACK', '');
    expect(problemsOf('project: x\nactive_stack: produktion\nstacks: { production: {} }\n')).toEqual([
      "flowyml.yaml:2: active_stack: no stack is named 'produktion'; did you mean 'production'?",
    ]);
  });
});

describe('variables', () => {
  const yaml =
    'stacks:\n  x:\n    type: gcp\n    bucket_name: ${GCP_BUCKET:-fallback}\n  y:\n    type: gcp\n    artifact_store:\n      bucket: ${GCP_BUCKET}\n';

  it('stay names until they are used, and may have a default', () => {
    expect(projectOf(yaml, { stack: 'x' }).stacks.x?.artifactStore).toEqual({ type: 'gcs', bucket: '${GCP_BUCKET:-fallback}' });
  });

  it('that are not set are an error of the stack in use alone, with their line', () => {
    expect(problemsOf(yaml)).toEqual([]);
    expect(problemsOf(yaml, { stack: 'y' })).toEqual([
      expect.stringMatching(/^flowyml\.yaml:[5-8]: stack 'y': the environment variable GCP_BUCKET is not set/),
    ]);
    // As in a shell, nothing is no value.
    vi.stubEnv('GCP_BUCKET', '');
    expect(problemsOf(yaml, { stack: 'y' })).toHaveLength(1);
  });
});

describe('unknown keys', () => {
  it.each([
    ['activ_stack: local', 1, "'activ_stack'", 'active_stack'],
    ['stacks:\n  prod:\n    type: gcp\n    bucketname: b', 4, "'bucketname' in stack 'prod'", 'bucket_name'],
    ['stacks:\n  prod:\n    artifact_path: a\n    s3_bucket: b', 4, "'s3_bucket' in stack 'prod'", undefined],
    [
      'stacks:\n  prod:\n    type: gcp\n    artifact_store:\n      type: gcs\n      bucket: b\n      prefx: p',
      7,
      "'prefx' in stack 'prod', artifact_store",
      'prefix',
    ],
    ['stacks:\n  prod:\n    executor:\n      type: docker\n      replica: 2', 5, "'replica' in stack 'prod', executor", 'replicas'],
    [
      'stacks:\n  prod:\n    metadata_store:\n      type: postgresql\n      url: u\n      tls:\n        mode: require\n        cafile: x',
      8,
      "'cafile' in stack 'prod', metadata_store.tls",
      undefined,
    ],
    ['groups:\n  gpu:\n    replica: 2', 3, "'replica' in group 'gpu'", 'replicas'],
    ['groups:\n  gpu:\n    docker:\n      base: x', 4, "'base' in group 'gpu', docker", undefined],
    ['groups:\n  gpu:\n    resources:\n      gpus: 1', 4, "'gpus' in group 'gpu', resources", 'gpu'],
    ['docker:\n  basimage: x', 2, "'basimage' in docker", 'base_image'],
    ['resources:\n  big:\n    mem: 1Gi', 3, "'mem' in resource profile 'big'", undefined],
    ['orchestrator:\n  type: vertex_ai\n  sevice_account: s', 3, "'sevice_account' in orchestrator", 'service_account'],
  ])('%j', (yaml, line, where, near) => {
    const [problem, ...more] = problemsOf(yaml);
    expect(more).toEqual([]);
    expect(problem).toMatch(
      new RegExp(`^flowyml\\.yaml:${line}: unknown key ${where}; `.replaceAll('.', '\\.').replaceAll('\\\\.', '\\.')),
    );
    if (near) expect(problem).toContain(`did you mean '${near}'?`);
  });

  it('are told all at once', () => {
    expect(problemsOf('projct: x\ngroups:\n  a:\n    replica: 1\nresources:\n  b:\n    cpus: 1\n')).toHaveLength(3);
  });
});

describe('kinds that are something else here', () => {
  it.each([
    ['metadata_store: { type: sqlite }', 'PostgreSQL'],
    ['metadata_store: { type: mysql }', "use 'postgresql'"],
    ['orchestrator: kubeflow', 'leave the orchestrator out'],
    ['orchestrator: { type: airflow }', 'leave the orchestrator out'],
    ['executor: remote', "start 'flowyml worker --group G' on the other machine"],
    ['executor: { type: kubernetes }', 'in a Deployment of your own'],
  ])('%s', (line, reason) => {
    const type = /(sqlite|mysql|kubeflow|airflow|remote|kubernetes)/.exec(line)?.[0];
    const [key] = line.split(':');
    for (const [yaml, at, place] of [
      [line, 1, key],
      [`stacks:\n  prod:\n    ${line}`, 3, `stacks.prod.${key}`],
    ] as const) {
      const [problem, ...more] = problemsOf(yaml);
      expect(more).toEqual([]);
      expect(problem).toContain(`flowyml.yaml:${at}: ${place}: type "${type}" is not supported: `);
      expect(problem).toContain(reason);
    }
  });

  it('and those that nobody knows, with the nearest', () => {
    expect(problemsOf('executor: dokcer')).toEqual(['flowyml.yaml:1: executor: type "dokcer" is unknown; did you mean \'docker\'?']);
    expect(problemsOf('stacks:\n  p:\n    type: gpc')).toEqual(['flowyml.yaml:3: stacks.p: type "gpc" is unknown; did you mean \'gcp\'?']);
  });
});

describe('values', () => {
  it.each([
    ['resources:\n  big:\n    memory: 8 gigs', 3, '"8 gigs" is not a size'],
    ['resources:\n  big:\n    cpu: many', 3, '"many" is not a number of cores'],
    ['resources:\n  big:\n    gpu_count: -1', 3, 'gpu_count'],
    ['groups:\n  gpu:\n    replicas: 0', 3, 'replicas'],
    ['groups:\n  gpu:\n    replicas: 1\n    min_replicas: 2', 4, 'min_replicas is above replicas'],
    ['groups:\n  gpu:\n    resources: hge\nresources:\n  huge: { cpu: 4 }', 3, "no resource profile is named 'hge'; did you mean 'huge'?"],
    ['groups:\n  gpu:\n    max_per_second: fast', 3, 'max_per_second'],
    ['executor:\n  type: docker\n  idle_timeout: soon', 3, '"soon" is not a duration'],
    ['docker:\n  env_vars:\n    A: 1', 3, '1 is no text: put it in quotes'],
    ['docker:\n  requirements: pandas', 2, 'expected a list of texts'],
    ['stacks:\n  my stack: {}', 2, 'stack name "my stack" is not allowed'],
    ['groups:\n  default: {}', 2, "group name 'default' is reserved"],
    ['resources:\n  a b: {}', 2, 'resource profile name "a b" is not allowed'],
    ['stacks: [local]', 1, 'expected a mapping'],
    ['stacks:\n  prod:', 2, 'expected a mapping'],
    ['pipelines: 3', 1, 'expected a path or pattern'],
    ['project: a b', 1, 'project name "a b" is not allowed'],
    ['artifact_store: { type: gcs }', 1, 'expected a text'],
  ])('%j', (yaml, line, said) => {
    const [problem, ...more] = problemsOf(yaml);
    expect(more).toEqual([]);
    expect(problem).toContain(`flowyml.yaml:${line}: `);
    expect(problem).toContain(said);
  });
});
