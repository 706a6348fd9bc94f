import { given } from '../pipelines/config-class.ts';
import type {
  ArtifactStoreSpec,
  ContainerRegistrySpec,
  ExecutorSpec,
  MetadataStoreSpec,
  OrchestratorSpec,
  StackSpec,
  StackType,
} from '../pipelines/stack-spec.ts';
import { readStack } from './stack-object.ts';
import type { StackCheck } from './validate.ts';

/** The components of a stack. Each stands in for what the stack's type brings; an executor or orchestrator may be its name alone. */
export interface StackComponents {
  artifactStore?: ArtifactStoreSpec;
  metadataStore?: MetadataStoreSpec;
  containerRegistry?: ContainerRegistrySpec;
  orchestrator?: OrchestratorSpec | OrchestratorSpec['type'];
  executor?: ExecutorSpec | ExecutorSpec['type'];
}

export interface LocalStackOptions extends StackComponents {
  name?: string;
  /** The folder of the artifact store; relative to the project. */
  artifactPath?: string | undefined;
  /** The folder of the embedded PostgreSQL; relative to the project. */
  metadataPath?: string | undefined;
}

export interface GCPStackOptions extends StackComponents {
  name?: string;
  projectId?: string | undefined;
  region?: string | undefined;
  /** The Cloud Storage bucket of its artifacts. */
  bucketName?: string | undefined;
  /** Artifact Registry in its region unless given. */
  registryUri?: string | undefined;
  serviceAccount?: string | undefined;
}

export interface AWSStackOptions extends StackComponents {
  name?: string;
  region?: string | undefined;
  s3Bucket?: string | undefined;
  ecrRegistry?: string | undefined;
}

export interface KubernetesStackOptions extends StackComponents {
  name?: string;
  namespace?: string | undefined;
  storageClass?: string | undefined;
}

/** What all stacks have in common: a name, components, and ways to look at them. */
export abstract class Stack {
  readonly name: string;
  private readonly spec: StackSpec;

  protected constructor(type: StackType, options: object & { name: string }) {
    const plain = given(options);
    this.name = options.name;
    this.spec = readStack({ ...plain, type }, `${type} stack`);
    Object.assign(this, plain);
  }

  /** The stack as data, components written out. Variables and so secrets stay unresolved. */
  toJSON(): StackSpec {
    return structuredClone(this.spec);
  }

  /** Asks every component whether it can be used: credentials, bucket, registry, Docker. Never throws for what it finds. */
  async validate(): Promise<StackCheck[]> {
    const { validateStack } = await import('./validate.ts');
    const { findProject } = await import('./project.ts');
    return validateStack(this.spec, findProject(undefined, { check: false }));
  }
}

/** Steps run on this machine's workers, artifacts lie in a folder. */
export class LocalStack extends Stack {
  declare readonly artifactPath: string;
  declare readonly metadataPath: string;

  /** Throws UsageError with every mistake. */
  constructor(options: LocalStackOptions = {}) {
    super('local', { name: 'local', ...given(options) });
    const defaults = { artifactPath: '.flowyml/artifacts', metadataPath: '.flowyml/metadata.db' };
    Object.assign(this, { ...defaults, ...given({ artifactPath: options.artifactPath, metadataPath: options.metadataPath }) });
  }
}

/** Artifacts in Cloud Storage, images in Artifact Registry, steps on Vertex AI unless an executor is named. */
export class GCPStack extends Stack {
  declare readonly projectId?: string;
  declare readonly region?: string;
  declare readonly bucketName?: string;
  declare readonly registryUri?: string;
  declare readonly serviceAccount?: string;

  /** Throws UsageError with every mistake. */
  constructor(options: GCPStackOptions) {
    super('gcp', { name: 'gcp', ...given(options) });
  }
}

/** Artifacts in S3, images in ECR; steps run on workers, wherever those are started. */
export class AWSStack extends Stack {
  declare readonly region?: string;
  declare readonly s3Bucket?: string;
  declare readonly ecrRegistry?: string;

  /** Throws UsageError with every mistake. */
  constructor(options: AWSStackOptions) {
    super('aws', { name: 'aws', ...given(options) });
  }
}

/** Steps run on workers that a Deployment of one's own starts in the cluster. */
export class KubernetesStack extends Stack {
  declare readonly namespace: string;
  declare readonly storageClass: string;

  /** Throws UsageError with every mistake. */
  constructor(options: KubernetesStackOptions = {}) {
    super('kubernetes', { name: 'kubernetes', namespace: 'flowyml', storageClass: 'standard', ...given(options) });
  }
}
