import type { DockerOptions } from '../../pipelines/docker.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { ContainerRegistrySpec } from '../../pipelines/stack-spec.ts';
import { type ContainerRegistry, containerRegistry, optionsFor } from '../registries/container-registry.ts';
import { formatReference, nameOf, parseReference } from '../registries/reference.ts';
import { readManifest, resolveDigest, writeManifest } from '../registries/registry-client.ts';
import { buildImage, splitTag } from './build.ts';
import { type DockerServer, docker } from './docker-server.ts';
import { type BuiltEnvironment, environmentOf, type PrebuiltEnvironment } from './environment.ts';
import { pushIndex } from './image-index.ts';
import { pushImage } from './push.ts';

export interface ImageRequest {
  docker: DockerOptions;
  /** The project's folder. */
  root: string;
  /** Names the image where `docker.image` does not. */
  project: string;
  /** Where it is pushed to. One's own has to be loaded already. */
  registry?: ContainerRegistrySpec | ContainerRegistry | undefined;
  /** Whether others than this machine's Docker need it. */
  push: boolean;
  /** Say what would be done, and do nothing. */
  dryRun?: boolean | undefined;
  onProgress?: ((line: string) => void) | undefined;
}

export interface EnsuredImage {
  /** `host/name:tag` */
  image: string;
  /** `sha256:…` in its registry; undefined for what is in this machine's Docker only. */
  digest?: string;
  /** What a container is started from: `host/name@sha256:…`, or the image's id in this machine's Docker. Of a dry run, the image where it is not there yet. */
  reference: string;
  /** Whether it was built, or would be. */
  built: boolean;
  pushed: boolean;
  /** The same for the same environment. */
  environmentHash: string;
}

/** What every part of the work is given. */
interface Work {
  registry: ContainerRegistry | undefined;
  push: boolean;
  dryRun: boolean;
  say: (line: string) => void;
  /** Asked for only where Docker is needed. */
  server: () => Promise<DockerServer>;
}

/**
 * Sees to it that the image of an environment is there: builds and pushes what is missing, and nothing else.
 * @throws UsageError, ImageBuildFailed, ServiceUnavailable, each with what to do
 */
export async function ensureImage(request: ImageRequest): Promise<EnsuredImage> {
  const { registry: said, push, dryRun = false, onProgress } = request;
  const registry = said && ('type' in said ? containerRegistry(said) : said);
  let server: Promise<DockerServer> | undefined;
  const work: Work = {
    registry,
    push,
    dryRun,
    say: (line) => onProgress?.(line),
    server: () => {
      server ??= docker();
      return server;
    },
  };
  const environment = await environmentOf(request.docker, { root: request.root, project: request.project, registry });
  if (environment.source.kind === 'prebuilt') return usePrebuilt(environment as PrebuiltEnvironment, work);
  const built = environment as BuiltEnvironment;
  if (push && !registry && !request.docker.image) {
    throw new UsageError(
      'the image has to be pushed and nothing says where to: set container_registry on the stack, or docker.image to a name with its registry',
    );
  }
  for (const note of built.source.notes) work.say(note);
  return push ? ensurePushed(built, work) : ensureLocal(built, work);
}

/** The user's own image: nothing is built, and nothing is pushed. */
async function usePrebuilt({ source, reference, hash }: PrebuiltEnvironment, { registry, push, server }: Work): Promise<EnsuredImage> {
  const found = { image: source.image, built: false, pushed: false, environmentHash: hash };
  if (!push) {
    const local = await server().then(({ client }) => client.getImage(source.image).inspect().catch(missing));
    if (local) return { ...found, reference: local.Id };
  }
  const digest = reference.digest ?? (await resolveDigest(reference, optionsFor(registry, reference.host)));
  if (!digest) {
    const copy = push ? `Push it ('docker push ${source.image}')` : 'Build or pull it';
    throw new UsageError(
      `docker.image: ${formatReference({ tag: 'latest', ...reference })} is not in its registry. ${copy}, or give docker a Dockerfile to build it from`,
    );
  }
  return { ...found, digest, reference: `${nameOf(reference)}@${digest}` };
}

/** For this machine's Docker. Of several platforms only its own is built: no other could run here. */
async function ensureLocal(environment: BuiltEnvironment, { dryRun, say, server }: Work): Promise<EnsuredImage> {
  const { image, hash, source, ownTag } = environment;
  const docker = await server();
  const platform = source.platforms.find((each) => each === docker.platform) ?? (source.platforms[0] as string);
  const found = { image, pushed: false, environmentHash: hash };
  const local = await docker.client.getImage(image).inspect().catch(missing);
  if (local) return { ...found, reference: local.Id, built: false };
  say(`${dryRun ? 'would build' : 'building'} ${image} from ${source.name}`);
  if (dryRun) return { ...found, reference: image, built: true };
  const tags = ownTag ? [image, withTag(image, ownTag)] : [image];
  return { ...found, reference: await buildImage(docker, { ...environment, platform, tags, onProgress: say }), built: true };
}

/** For others: what the registry has under the content's tag is neither built nor pushed again. */
async function ensurePushed(environment: BuiltEnvironment, work: Work): Promise<EnsuredImage> {
  const { image, hash, ownTag } = environment;
  const reference = parseReference(image);
  const options = optionsFor(work.registry, reference.host);
  const known = await resolveDigest(reference, options);
  const made = known === undefined ? await buildAndPush(environment, work) : { digest: known, built: false, pushed: false };
  if (ownTag && !work.dryRun && made.digest) await alsoTag(image, ownTag, made.digest, work);
  const { digest, built, pushed } = made;
  const full = digest ? { digest, reference: `${nameOf(reference)}@${digest}` } : { reference: image };
  return { image, ...full, built, pushed, environmentHash: hash };
}

async function buildAndPush(environment: BuiltEnvironment, work: Work): Promise<{ digest?: string; built: boolean; pushed: boolean }> {
  const { image, source } = environment;
  const { dryRun, say, registry } = work;
  const isSeveral = source.platforms.length > 1;
  const names = new Map(source.platforms.map((platform) => [platform, isSeveral ? `${image}-${platform.replaceAll('/', '-')}` : image]));
  if (dryRun) {
    say(`would build ${image} from ${source.name}${isSeveral ? ` for ${source.platforms.join(', ')}` : ''}, and push it`);
    return { built: true, pushed: true };
  }
  const server = await work.server();
  let built = false;
  let digest = '';
  for (const [platform, name] of names) {
    if (!(await server.client.getImage(name).inspect().catch(missing))) {
      say(`building ${name} from ${source.name}`);
      await buildImage(server, { ...environment, platform, tags: [name], onProgress: say });
      built = true;
    }
    digest = await pushImage(server, name, registry, say);
  }
  if (!isSeveral) return { digest, built, pushed: true };
  const target = parseReference(image);
  const parts = new Map([...names].map(([platform, name]) => [platform, parseReference(name)]));
  return { digest: await pushIndex(target, parts, optionsFor(registry, target.host)), built, pushed: true };
}

/** The user's own tag follows the content: the registry gives it to the manifest that it has. */
async function alsoTag(image: string, tag: string, digest: string, { registry, say }: Work): Promise<void> {
  const reference = parseReference(withTag(image, tag));
  const options = optionsFor(registry, reference.host);
  if ((await resolveDigest(reference, options)) === digest) return;
  const manifest = await readManifest({ ...parseReference(image), digest }, options);
  if (!manifest) return;
  say(`tagging ${formatReference(reference)}`);
  await writeManifest(reference, manifest, options);
}

const withTag = (image: string, tag: string) => `${splitTag(image).repo}:${tag}`;

function missing(error: { statusCode?: number }): undefined {
  if (error.statusCode !== 404) throw error;
}
