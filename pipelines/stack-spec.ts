import type { JsonValue } from './json.ts';

/** Where a stack keeps artifacts. Texts may name variables of the environment, `${NAME}`, resolved where they are used. */
export type ArtifactStoreSpec =
  | { type: 'local'; path: string }
  | { type: 'gcs'; bucket: string; prefix?: string; projectId?: string; endpoint?: string }
  | { type: 's3'; bucket: string; prefix?: string; region?: string; endpoint?: string; forcePathStyle?: boolean }
  | { type: 'azure'; container: string; account?: string; connectionString?: string; prefix?: string; endpoint?: string }
  | PluginSpec;

/** Where a stack keeps what runs made, but for artifacts. */
export type MetadataStoreSpec =
  | { type: 'embedded'; path?: string }
  | { type: 'postgresql'; url: string; poolSize?: number; tls?: TlsSpec }
  | {
      type: 'cloudsql';
      /** `project:region:instance`. */
      instance: string;
      database: string;
      user: string;
      /** Unless given, the account that the program runs as logs in by IAM. */
      password?: string;
      ipType?: 'public' | 'private' | 'psc';
      poolSize?: number;
    };

export interface TlsSpec {
  /** `require` encrypts; `verify-full` also checks the server's certificate and name. */
  mode: 'disable' | 'require' | 'verify-full';
  /** Files in PEM: of whom to trust, and a client's own. */
  ca?: string;
  cert?: string;
  key?: string;
}

export type ContainerRegistrySpec =
  | { type: 'gcr' | 'artifact_registry' | 'ecr' | 'dockerhub' | 'registry'; uri: string; region?: string; insecure?: boolean }
  | PluginSpec;

/** Temporal runs every pipeline; an orchestrator of a cloud says where its groups' jobs run. */
export type OrchestratorSpec =
  | { type: 'temporal' }
  | { type: 'vertex_ai'; projectId?: string; region?: string; serviceAccount?: string; network?: string; stagingBucket?: string };

export type ExecutorSpec =
  | { type: 'local' }
  | { type: 'docker'; replicas?: number; idleTimeoutMs?: number }
  | { type: 'vertex_ai' }
  | PluginSpec;

/** A stack, as pipelines, steps and runs may name one in code. */
export type StackLike = StackSpec | { toJSON(): StackSpec };

/** A stack as data; a name stays a name. */
export function plainStack(stack: string | StackLike): string | StackSpec {
  return typeof stack === 'object' && 'toJSON' in stack ? stack.toJSON() : stack;
}

/** A component of one's own: a module of the project whose default export makes it. */
export interface PluginSpec {
  type: 'custom';
  /** Relative to the project. */
  module: string;
  options?: Record<string, JsonValue>;
}

export type StackType = 'local' | 'gcp' | 'aws' | 'kubernetes';

/** A stack as plain data: what flowyml.yaml says, and what a run request may carry. */
export interface StackSpec {
  name: string;
  type: StackType;
  artifactStore?: ArtifactStoreSpec;
  metadataStore?: MetadataStoreSpec;
  containerRegistry?: ContainerRegistrySpec;
  orchestrator?: OrchestratorSpec;
  executor?: ExecutorSpec;
  projectId?: string;
  region?: string;
  /** Of a Kubernetes stack. */
  namespace?: string;
  storageClass?: string;
}
