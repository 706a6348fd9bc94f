import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DockerConfig } from '../../pipelines/docker.ts';
import { ResourceConfig } from '../../pipelines/resources.ts';
import { chooseStack } from '../../stacks/active-stack.ts';
import { AWSStack, GCPStack, KubernetesStack, LocalStack } from '../../stacks/stack-classes.ts';
import { readStack } from '../../stacks/stack-object.ts';
import { getActiveStack, StackRegistry, setActiveStack } from '../../stacks/stack-registry.ts';
import { projectOf } from './yaml-project.ts';

const said = (make: () => unknown) => {
  try {
    make();
  } catch (error) {
    expect((error as Error).name).toBe('UsageError');
    return (error as Error).message.split('\n');
  }
  return [];
};

describe('stacks in code', () => {
  it('say the same as stacks in flowyml.yaml', () => {
    const { stacks } = projectOf(`
stacks:
  laptop: { artifact_path: kept, metadata_path: db }
  production: { type: gcp, project_id: my-gcp-project, region: us-central1, bucket_name: my-artifacts, registry_uri: gcr.io/my-project }
  aws-prod: { type: aws, region: us-east-1, s3_bucket: my-artifacts, ecr_registry: 123456789.dkr.ecr.us-east-1.amazonaws.com }
  k8s-cluster: { type: kubernetes, namespace: ml }
  own: { executor: { type: docker, replicas: 2, idle_timeout: 1 minute }, artifact_store: { type: s3, bucket: b, force_path_style: true } }
`);
    const made = [
      new LocalStack({ name: 'laptop', artifactPath: 'kept', metadataPath: 'db' }),
      new GCPStack({
        name: 'production',
        projectId: 'my-gcp-project',
        region: 'us-central1',
        bucketName: 'my-artifacts',
        registryUri: 'gcr.io/my-project',
      }),
      new AWSStack({
        name: 'aws-prod',
        region: 'us-east-1',
        s3Bucket: 'my-artifacts',
        ecrRegistry: '123456789.dkr.ecr.us-east-1.amazonaws.com',
      }),
      new KubernetesStack({ name: 'k8s-cluster', namespace: 'ml' }),
      new LocalStack({
        name: 'own',
        executor: { type: 'docker', replicas: 2, idleTimeoutMs: 60_000 },
        artifactStore: { type: 's3', bucket: 'b', forcePathStyle: true },
      }),
    ];
    for (const stack of made) expect(stack.toJSON()).toEqual(stacks[stack.name]);
    // What travels with a run is read again as it is.
    for (const stack of made) expect(readStack(stack.toJSON())).toEqual(stack.toJSON());
  });

  it('have the defaults of the guide, and their fields', () => {
    const local = new LocalStack();
    expect({ ...local }).toMatchObject({ name: 'local', artifactPath: '.flowyml/artifacts', metadataPath: '.flowyml/metadata.db' });
    expect(local.toJSON()).toEqual({ name: 'local', type: 'local', artifactStore: { type: 'local', path: '.flowyml/artifacts' } });
    expect(new KubernetesStack()).toMatchObject({ name: 'kubernetes', namespace: 'flowyml', storageClass: 'standard' });
    const gcp = new GCPStack({ projectId: 'p', region: 'r', bucketName: 'b', serviceAccount: 'sa@p' });
    expect(gcp).toMatchObject({ name: 'gcp', projectId: 'p', region: 'r', bucketName: 'b', serviceAccount: 'sa@p' });
    expect(gcp.toJSON()).toMatchObject({
      containerRegistry: { type: 'artifact_registry', uri: 'r-docker.pkg.dev/p/flowyml' },
      orchestrator: { type: 'vertex_ai', serviceAccount: 'sa@p' },
    });
    // A variable that is not set in the program counts as left out.
    expect(new AWSStack({ region: undefined, s3Bucket: 'b' }).toJSON()).toEqual({
      name: 'aws',
      type: 'aws',
      artifactStore: { type: 's3', bucket: 'b' },
    });
  });

  it('cannot be changed by what they gave away', () => {
    const stack = new LocalStack();
    stack.toJSON().name = 'other';
    expect(stack.toJSON().name).toBe('local');
  });

  it('tell every mistake in the words of code', () => {
    expect(said(() => new GCPStack({ bucketNam: 'b', region: 1 } as never))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^gcp stack: unknown key 'bucketNam'.*did you mean 'bucketName'\?$/),
        expect.stringMatching(/^gcp stack: region: expected a text$/),
      ]),
    );
    expect(said(() => new LocalStack({ name: 'my stack' }))).toEqual([expect.stringContaining('stack name "my stack" is not allowed')]);
    expect(said(() => new LocalStack({ artifactPath: 'a', artifactStore: { type: 'local', path: 'b' } }))).toEqual([
      "local stack: 'artifactPath' and 'artifactStore' say the same: keep one",
    ]);
    expect(said(() => new LocalStack({ executor: 'kubernetes' as never }))).toEqual([
      expect.stringContaining('in a Deployment of your own'),
    ]);
    expect(said(() => new LocalStack({ metadataStore: { type: 'sqlite' } as never }))).toEqual([expect.stringContaining('PostgreSQL')]);
  });

  it('take secrets by name alone: they travel in requests and plans', () => {
    const url = 'postgres://me:hunter2@host/db';
    const wrong = [
      ...said(() => new LocalStack({ metadataStore: { type: 'postgresql', url } })),
      // A variable elsewhere in the text hides nothing.
      ...said(() => new LocalStack({ metadataStore: { type: 'postgresql', url: 'postgres://me:hunter2@${HOST}/db' } })),
      ...said(() => new LocalStack({ metadataStore: { type: 'cloudsql', instance: 'i', database: 'd', user: 'u', password: 'hunter2' } })),
      ...said(() => new LocalStack({ artifactStore: { type: 'azure', container: 'c', connectionString: 'AccountKey=hunter2' } })),
    ];
    expect(wrong).toEqual([
      expect.stringMatching(/metadataStore\.url is a secret: name an environment variable/),
      expect.stringMatching(/metadataStore\.url is a secret/),
      expect.stringMatching(/metadataStore\.password is a secret/),
      expect.stringMatching(/artifactStore\.connectionString is a secret/),
    ]);
    expect(wrong.join()).not.toContain('hunter2');
    vi.stubEnv('DB_PASSWORD', 'hunter2');
    const stack = new LocalStack({ metadataStore: { type: 'postgresql', url: 'postgres://me:${DB_PASSWORD}@host/db' } });
    expect(JSON.stringify(stack)).not.toContain('hunter2');
    vi.unstubAllEnvs();
  });
});

describe('ResourceConfig and DockerConfig', () => {
  it('are the plain data that they were given', () => {
    const gpu = new ResourceConfig({ cpu: '16', memory: '64Gi', gpu: 'nvidia-tesla-v100', gpuCount: 4, machineType: 'n1-highmem-16' });
    expect(JSON.parse(JSON.stringify(gpu))).toEqual({
      cpu: '16',
      memory: '64Gi',
      gpu: 'nvidia-tesla-v100',
      gpuCount: 4,
      machineType: 'n1-highmem-16',
    });
    expect(gpu.gpuCount).toBe(4);
    const docker = new DockerConfig({
      image: undefined,
      baseImage: 'python:3.11-slim',
      requirements: ['pandas>=2.0.0'],
      envVars: { A: '1' },
    });
    expect(docker.toJSON()).toEqual({ baseImage: 'python:3.11-slim', requirements: ['pandas>=2.0.0'], envVars: { A: '1' } });
    expect(new ResourceConfig().toJSON()).toEqual({});
  });

  it('tell every mistake', () => {
    expect(said(() => new ResourceConfig({ memory: '8 gigs', gpuCnt: 1, preemptible: 'yes' } as never))).toEqual([
      expect.stringContaining('ResourceConfig.memory: "8 gigs" is not a size'),
      "ResourceConfig: unknown key 'gpuCnt'; did you mean 'gpuCount'?",
      'ResourceConfig.preemptible: "yes" is not true or false',
    ]);
    expect(said(() => new DockerConfig({ dockerFile: 'x', requirements: 'pandas', envVars: { A: 1 } } as never))).toEqual([
      "DockerConfig: unknown key 'dockerFile'; did you mean 'dockerfile'?",
      'DockerConfig.requirements: "pandas" is not a list of strings',
      'DockerConfig.envVars: {"A":1} is not names with strings as values',
    ]);
  });
});

describe('StackRegistry', () => {
  beforeEach(() => vi.stubEnv('FLOWYML_STACK', undefined));
  afterEach(() => {
    chooseStack(undefined);
    vi.unstubAllEnvs();
  });

  it('keeps stacks by name, in order of registration, and knows which one is in use', () => {
    const registry = new StackRegistry();
    const gcp = new GCPStack({ name: 'gcp-prod', projectId: 'p', bucketName: 'b' });
    registry
      .registerStack(new LocalStack())
      .registerStack(gcp)
      .registerStack(new AWSStack({ name: 'aws-prod', s3Bucket: 'b' }));
    expect(registry.listStacks()).toEqual(['local', 'gcp-prod', 'aws-prod']);
    expect(registry.getActiveStack()).toBeUndefined();
    registry.setActiveStack('gcp-prod');
    expect(registry.getActiveStack()).toBe(gcp);
    expect(getActiveStack()).toEqual(gcp.toJSON());
    registry.registerStack(new LocalStack({ name: 'laptop' }), { setActive: true });
    expect(registry.getActiveStack()?.name).toBe('laptop');
    expect(said(() => registry.setActiveStack('gcp-prd'))).toEqual(["no stack is registered as 'gcp-prd'; did you mean 'gcp-prod'?"]);
    expect(registry.getActiveStack()?.name).toBe('laptop');
  });

  it('replaces a stack of the same name', () => {
    const registry = new StackRegistry().registerStack(new LocalStack({ name: 'x' }));
    registry.registerStack(new LocalStack({ name: 'x', artifactPath: 'kept' }));
    expect(registry.listStacks()).toEqual(['x']);
    setActiveStack('x');
    expect(getActiveStack().artifactStore).toEqual({ type: 'local', path: 'kept' });
  });

  it('makes a stack of code the one in use, above the environment and flowyml.yaml, below what the caller says', () => {
    vi.stubEnv('FLOWYML_STACK', 'b');
    const yaml = 'active_stack: a\nstacks: { a: {}, b: {}, c: {} }\n';
    new StackRegistry().registerStack(new LocalStack({ name: 'in-code', artifactPath: 'mine' }), { setActive: true });
    const project = projectOf(yaml);
    expect(project.stack).toBe('in-code');
    expect(project.stacks['in-code']?.artifactStore).toEqual({ type: 'local', path: 'mine' });
    expect(projectOf(yaml, { stack: 'c' }).stack).toBe('c');
    chooseStack(undefined);
    expect(projectOf(yaml).stack).toBe('b');
  });

  it('setActiveStack() refuses a name that nobody knows', () => {
    expect(said(() => setActiveStack('prodution'))).toEqual([expect.stringContaining("no stack is named 'prodution'")]);
  });
});
