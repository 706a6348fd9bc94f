export type { ArtifactStore, BlobId, ListedBlob, StoredBlob } from '../artifacts/store.ts';
export { DockerConfig, type DockerOptions } from '../pipelines/docker.ts';
export { ResourceConfig, type ResourceOptions } from '../pipelines/resources.ts';
export type {
  ArtifactStoreSpec,
  ContainerRegistrySpec,
  ExecutorSpec,
  MetadataStoreSpec,
  OrchestratorSpec,
  PluginSpec,
  StackLike,
  StackSpec,
  StackType,
  TlsSpec,
} from '../pipelines/stack-spec.ts';
export {
  CannotStart,
  type EndedWorker,
  type Executor,
  type ExecutorFactory,
  type RunningWorker,
  type WorkerRequest,
} from './executor.ts';
export {
  type ContainerRegistry,
  DockerHubRegistry,
  DockerRegistry,
  ECRContainerRegistry,
  GCRContainerRegistry,
} from './registries/container-registry.ts';
export type { Credentials } from './registries/credentials.ts';
export * from './stack-classes.ts';
export { getActiveStack, StackRegistry, setActiveStack } from './stack-registry.ts';
export type { StackCheck } from './validate.ts';
