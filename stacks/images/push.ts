import type Docker from 'dockerode';
import { type ContainerRegistry, optionsFor } from '../registries/container-registry.ts';
import { authConfig, credentialsFor } from '../registries/credentials.ts';
import { registryProblem } from '../registries/problems.ts';
import { parseReference } from '../registries/reference.ts';
import { resolveDigest } from '../registries/registry-client.ts';
import { follow, splitTag } from './build.ts';
import type { BuildMessage } from './build-progress.ts';
import { type DockerServer, dockerProblem } from './docker-server.ts';

/**
 * Pushes an image that Docker has under this name.
 * @param image `host/name:tag`
 * @returns its digest in the registry
 * @throws UsageError for wrong credentials or a missing repository, with the command that helps; ServiceUnavailable
 */
export async function pushImage(
  { client, host: server }: DockerServer,
  image: string,
  registry: ContainerRegistry | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const reference = parseReference(image);
  const { repo, name: tag } = splitTag(image);
  const options = optionsFor(registry, reference.host);
  const credentials = (await options.credentials?.(reference.host)) ?? (await credentialsFor(reference.host));
  onProgress(`pushing ${image}`);
  let digest: string | undefined;
  let problem: string | undefined;
  try {
    // Docker refuses a push without this header, whatever the registry wants.
    const stream = await pushStream(client, `${repo}:${tag}`, authConfig(reference.host, credentials));
    await follow(client, stream, (message) => {
      const { error, errorDetail, aux } = message as BuildMessage;
      problem ??= errorDetail?.message ?? error;
      digest = (aux as { Digest?: string } | undefined)?.Digest ?? digest;
    });
  } catch (error) {
    throw dockerProblem(error, server);
  }
  if (problem !== undefined) throw registryProblem(reference, 'push', problem);
  // Not every Docker tells it.
  const found = digest ?? (await resolveDigest(reference, options));
  if (!found) throw registryProblem(reference, 'push', 'Docker pushed it, but the registry does not have it');
  return found;
}

function pushStream(client: Docker, image: string, authconfig: Record<string, string>): Promise<NodeJS.ReadableStream> {
  const { repo, name } = splitTag(image);
  return client.getImage(repo).push({ tag: name, authconfig });
}
