import { UsageError } from '../../pipelines/errors.ts';
import type { ContainerRegistrySpec } from '../../pipelines/stack-spec.ts';
import type { Credentials } from './credentials.ts';
import { DOCKER_HUB, namesHost, parseReference } from './reference.ts';
import type { RegistryOptions } from './registry-client.ts';

/** Where a stack's images are pushed to. One's own implements this. */
export interface ContainerRegistry {
  /** Host and, where the registry has them, the folders that images go into: `europe-docker.pkg.dev/project/repository`. */
  readonly uri: string;
  /** Plain http, to a host that is not this machine. */
  readonly insecure?: boolean;
  /** Asked before Docker's own settings and the clouds' default credentials; undefined: ask those. */
  credentials?(host: string): Promise<Credentials | undefined>;
}

/** A registry that is described by its address. */
export class DockerRegistry implements ContainerRegistry {
  readonly uri: string;
  readonly insecure: boolean;

  /** @throws UsageError for what is no address */
  constructor({ uri, insecure = false }: { uri: string; insecure?: boolean | undefined }) {
    const bare = uri.replace(/\/+$/, '');
    // Any image's name shows whether the address is one.
    parseReference(namesHost(`${bare}/x`) ? `${bare}/x` : `${DOCKER_HUB}/${bare}/x`, 'container_registry.uri');
    this.uri = bare;
    this.insecure = insecure;
  }
}

/** Google's: `gcr.io/PROJECT`, or a repository of Artifact Registry. */
export class GCRContainerRegistry extends DockerRegistry {
  constructor({ projectId, uri = `gcr.io/${projectId}` }: { projectId?: string; uri?: string }) {
    if (uri === 'gcr.io/undefined') throw new UsageError('GCRContainerRegistry: give it a projectId or a uri');
    super({ uri });
  }
}

/** Amazon's: one per account and region. */
export class ECRContainerRegistry extends DockerRegistry {
  constructor({ accountId, region, uri }: { accountId?: string; region?: string; uri?: string }) {
    if (!uri && !(accountId && region)) throw new UsageError('ECRContainerRegistry: give it an accountId and a region, or a uri');
    super({ uri: uri ?? `${accountId}.dkr.ecr.${region}.amazonaws.com` });
  }
}

/** A user or organization of Docker Hub. */
export class DockerHubRegistry extends DockerRegistry {
  constructor({ namespace, uri }: { namespace?: string; uri?: string }) {
    const path = (uri ?? namespace ?? '').replace(/^(?:index\.)?docker\.io\/?/, '').replace(/\/+$/, '');
    if (!path) throw new UsageError("DockerHubRegistry: name the user or organization: 'docker.io/NAME'");
    super({ uri: `${DOCKER_HUB}/${path}` });
  }
}

/**
 * The registry that a stack describes.
 * @throws UsageError for what is no address, and for one's own, which has to be loaded first
 */
export function containerRegistry(spec: ContainerRegistrySpec): ContainerRegistry {
  if (spec.type === 'custom')
    throw new UsageError(`container_registry: the module ${spec.module} has to be loaded before its registry can be used`);
  if (spec.type === 'dockerhub') return new DockerHubRegistry({ uri: spec.uri });
  return new DockerRegistry({ uri: spec.uri, insecure: spec.insecure });
}

/**
 * The name, without tag, that an image is built and pushed under.
 * A name without a host goes below the registry; Docker Hub has no folders, so there only a bare one does.
 */
export function imageName(name: string, registry: ContainerRegistry | undefined): string {
  if (!registry || namesHost(name) || (registry.uri.startsWith(`${DOCKER_HUB}/`) && name.includes('/'))) return name;
  return `${registry.uri}/${name}`;
}

/** A project's name as part of an image's: lower case, single separators. */
export function repositoryOf(project: string): string {
  const name = project
    .toLowerCase()
    .replace(/[-_]*-[-_]*|_{3,}/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return name || 'flowyml';
}

/** How a host is spoken to: what a registry says of itself counts for no other. */
export function optionsFor(registry: ContainerRegistry | undefined, host: string): RegistryOptions {
  if (!registry || parseReference(`${registry.uri}/x`).host !== host) return {};
  return { insecure: registry.insecure, credentials: async (name) => registry.credentials?.(name) };
}
