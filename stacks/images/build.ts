import type Docker from 'dockerode';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { authConfig, credentialsFor } from '../registries/credentials.ts';
import { registryProblem } from '../registries/problems.ts';
import { parseReference } from '../registries/reference.ts';
import { type BuildMessage, BuildProgress } from './build-progress.ts';
import type { ImageBuild } from './build-source.ts';
import type { ContextEntry } from './context-files.ts';
import { contextTar, EXTRA_DOCKERFILE } from './context-tar.ts';
import { type DockerServer, dockerProblem } from './docker-server.ts';
import { baseImages, instructionsOf } from './dockerfile-instructions.ts';
import { ImageBuildFailed } from './errors.ts';

/** The label by which an image tells what it was made of. */
export const CONTENT_LABEL = 'flowyml.content';

export interface BuildRequest {
  source: ImageBuild;
  entries: readonly ContextEntry[];
  /** The path, in the context, of the Dockerfile; undefined where it is not one of the entries. */
  dockerfile?: string | undefined;
  hash: string;
  platform: string;
  tags: readonly string[];
  onProgress: (line: string) => void;
}

/**
 * Builds an image with BuildKit and gives it its tags; nothing is pushed.
 * @returns the image's id
 * @throws ImageBuildFailed with the line of the Dockerfile and its output; ServiceUnavailable where Docker goes away
 */
export async function buildImage({ client, host }: DockerServer, request: BuildRequest): Promise<string> {
  const { source, platform } = request;
  await pullBases(client, request);
  const progress = new BuildProgress(request.onProgress);
  const context = contextTar(source.context, request.entries, request.dockerfile === undefined ? source.dockerfile : undefined);
  try {
    const stream = await client.buildImage(context, {
      version: '2',
      dockerfile: request.dockerfile ?? EXTRA_DOCKERFILE,
      t: request.tags[0] as string,
      platform,
      buildargs: source.buildArgs,
      labels: { [CONTENT_LABEL]: request.hash },
    });
    await follow(client, stream, (message) => progress.add(message as BuildMessage));
  } catch (error) {
    throw dockerProblem(error, host);
  }
  if (progress.error !== undefined || !progress.imageId) throw failure(progress, request);
  for (const tag of request.tags.slice(1)) {
    const { repo, name } = splitTag(tag);
    await client.getImage(progress.imageId).tag({ repo, tag: name });
  }
  return progress.imageId;
}

/** Reads Docker's stream of messages to its end. */
export function follow(client: Docker, stream: NodeJS.ReadableStream, onMessage: (message: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    client.modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(new ServiceUnavailable(`Docker went away: ${error.message}`, { cause: error })) : resolve()),
      onMessage,
    ),
  );
}

export function splitTag(image: string): { repo: string; name: string } {
  const colon = image.lastIndexOf(':');
  return { repo: image.slice(0, colon), name: image.slice(colon + 1) };
}

/**
 * Base images of registries that want credentials are pulled ahead, each with its own: BuildKit would be given one pair for
 * whatever host asks.
 */
async function pullBases(client: Docker, { source, platform, onProgress }: BuildRequest): Promise<void> {
  for (const image of baseImages(source.dockerfile, source.buildArgs)) {
    const reference = parseReference(image, source.name);
    const [os, architecture] = platform.split('/');
    const local = await client
      .getImage(image)
      .inspect()
      .catch(() => undefined);
    if (local?.Os === os && local?.Architecture === architecture) continue;
    const credentials = await credentialsFor(reference.host);
    if (!credentials) continue;
    onProgress(`pulling ${image}`);
    const named = reference.tag || reference.digest ? image : `${image}:latest`;
    let problem: string | undefined;
    try {
      const stream = await client.pull(named, { platform, authconfig: authConfig(reference.host, credentials) });
      await follow(client, stream, (message) => {
        problem ??= (message as BuildMessage).error;
      });
    } catch (error) {
      problem = (error as Error).message;
    }
    if (problem) throw registryProblem(reference, 'read', problem);
  }
}

function failure(progress: BuildProgress, { source, platform }: BuildRequest): Error {
  const problem = progress.problem(source.name, instructionsOf(source.dockerfile));
  const emulation = /exec format error/.test(problem)
    ? `\nDocker cannot run programs for ${platform} here: 'docker run --privileged --rm tonistiigi/binfmt --install all' adds emulation`
    : '';
  const base = baseImages(source.dockerfile, source.buildArgs).find((image) => problem.includes(parseReference(image).repository));
  if (
    base &&
    /failed to do request|no such host|connection refused|pull access denied|unauthorized|authorization|not found$/i.test(problem)
  ) {
    const reference = parseReference(base, source.name);
    return registryProblem(reference, 'read', problem, undefined);
  }
  return new ImageBuildFailed(`the image cannot be built: ${problem}${emulation}`);
}
