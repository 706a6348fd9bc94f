import { UsageError } from '../../pipelines/errors.ts';
import { formatReference, type ImageReference } from '../registries/reference.ts';
import { MEDIA_TYPES, type RegistryOptions, readManifest, writeManifest } from '../registries/registry-client.ts';
import { type Platform, parsePlatform } from './platforms.ts';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string; variant?: string };
}

/**
 * Makes several pushed images, one a platform, into one index under a tag: each machine pulls its own. Docker servers do
 * not push an index, so the registry is told itself.
 * @param parts by platform
 * @returns the index's digest
 * @throws what `registry-client.ts` throws
 */
export async function pushIndex(
  target: ImageReference,
  parts: ReadonlyMap<string, ImageReference>,
  options: RegistryOptions,
): Promise<string> {
  const manifests: Descriptor[] = [];
  for (const [name, part] of parts) manifests.push(await describe(part, parsePlatform(name), options));
  const isDocker = manifests.every(({ mediaType }) => mediaType === MEDIA_TYPES.dockerManifest);
  const mediaType = isDocker ? MEDIA_TYPES.dockerList : MEDIA_TYPES.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return writeManifest(target, { bytes, mediaType }, options);
}

async function describe(part: ImageReference, platform: Platform, options: RegistryOptions): Promise<Descriptor> {
  const manifest = await readManifest(part, options);
  if (!manifest) throw new UsageError(`${formatReference(part)} was pushed, but the registry does not have it`);
  if (!isIndex(manifest.mediaType))
    return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length, platform: { ...platform } };
  // Docker with containerd's store pushes an index of one image, with what attests to it beside.
  const { manifests = [] } = JSON.parse(manifest.bytes.toString('utf8')) as { manifests?: Descriptor[] };
  const own = manifests.find((each) => each.platform?.os === platform.os && each.platform.architecture === platform.architecture);
  if (!own) throw new UsageError(`${formatReference(part)} holds no image for ${platform.os}/${platform.architecture}`);
  return { mediaType: own.mediaType, digest: own.digest, size: own.size, platform: { ...platform } };
}

const isIndex = (mediaType: string) => mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerList;
