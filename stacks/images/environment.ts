import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { DockerOptions } from '../../pipelines/docker.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { type ContainerRegistry, imageName, repositoryOf } from '../registries/container-registry.ts';
import { type ImageReference, parseReference } from '../registries/reference.ts';
import { type ImageBuild, imageSource, type Prebuilt } from './build-source.ts';
import { type ContextEntry, contextFiles, hashContext } from './context-files.ts';

/** What steps run in, before anything is built: the same `hash` for the same environment. */
export type Environment = PrebuiltEnvironment | BuiltEnvironment;

export interface PrebuiltEnvironment {
  source: Prebuilt;
  reference: ImageReference;
  hash: string;
}

export interface BuiltEnvironment {
  source: ImageBuild;
  /** Its name with the tag that says what it was made of. */
  image: string;
  /** The tag that the user gave beside that. */
  ownTag?: string;
  entries: readonly ContextEntry[];
  /** The Dockerfile's path in the context, where it is one of the entries. */
  dockerfile?: string;
  hash: string;
}

/** How much of the hash is in a tag. */
const TAG_LENGTH = 12;

/**
 * Works out what an image is made of, from files alone: neither Docker nor a registry is asked.
 * @param project names the image where the user does not
 * @throws UsageError naming the key and the file
 */
export async function environmentOf(
  docker: DockerOptions,
  { root, project, registry }: { root: string; project: string; registry?: ContainerRegistry | undefined },
): Promise<Environment> {
  const source = imageSource(docker, root);
  if (source.kind === 'prebuilt') {
    const reference = parseReference(source.image, 'docker.image');
    const { host, repository, tag = 'latest', digest } = reference;
    return { source, reference, hash: sha256(`flowyml prebuilt image 1\n${host}/${repository}:${digest ?? tag}`) };
  }
  const { name, ownTag } = named(source.image ?? repositoryOf(project), registry);
  const entries = await contextFiles(source.context, source.file);
  const path = source.file && relative(source.context, source.file).replaceAll('\\', '/');
  const isEntry = entries.some((entry) => entry.path === path) && !docker.requirements?.length;
  const { dockerfile, platforms } = source;
  const buildArgs = Object.entries(source.buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = await hashContext(source.context, entries, { dockerfile, buildArgs, platforms });
  const image = `${name}:${hash.slice(0, TAG_LENGTH)}`;
  return { source, image, entries, hash, ...(isEntry && path ? { dockerfile: path } : {}), ...(ownTag ? { ownTag } : {}) };
}

function named(image: string, registry: ContainerRegistry | undefined): { name: string; ownTag?: string } {
  const { tag, digest } = parseReference(image, 'docker.image');
  if (digest)
    throw new UsageError(`docker.image: '${image}' names a digest, and what is built has another: leave @… out, or what it is built from`);
  const name = imageName(tag === undefined ? image : image.slice(0, -tag.length - 1), registry);
  return { name, ...(tag === undefined ? {} : { ownTag: tag }) };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
