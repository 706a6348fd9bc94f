import { createHash } from 'node:crypto';
import { type Credentials, credentialsFor } from './credentials.ts';
import { registryProblem, type Wanted } from './problems.ts';
import { DOCKER_HUB, type ImageReference, isLocal, parseReference } from './reference.ts';
import { answerChallenge, parseChallenge } from './token.ts';

/** What a tag or digest stands for, as the registry keeps it. */
export interface Manifest {
  /** `sha256:…` of the bytes. */
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

const ACCEPT = Object.values(MEDIA_TYPES).join(', ');
const TIMEOUT_MS = 30_000;

export interface RegistryOptions {
  /** Speak plain http to a host that is not this machine. */
  insecure?: boolean | undefined;
  /** Instead of `credentialsFor`. */
  credentials?: ((host: string) => Promise<Credentials | undefined>) | undefined;
}

/**
 * The digest of an image in its registry, without pulling it; undefined where the registry has no such image.
 * @throws UsageError for wrong credentials, with the command that logs in; ServiceUnavailable where it cannot be reached
 */
export async function resolveDigest(image: string | ImageReference, options: RegistryOptions = {}): Promise<string | undefined> {
  const reference = typeof image === 'string' ? parseReference(image) : image;
  const response = await request(reference, 'read', { method: 'HEAD', headers: { accept: ACCEPT } }, options);
  if (response.status === 404) return undefined;
  // Not every registry says it.
  return response.headers.get('docker-content-digest') ?? (await readManifest(reference, options))?.digest;
}

/** The manifest or index of an image; undefined where the registry has none. Throws as `resolveDigest` does. */
export async function readManifest(reference: ImageReference, options: RegistryOptions = {}): Promise<Manifest | undefined> {
  const response = await request(reference, 'read', { headers: { accept: ACCEPT } }, options);
  if (response.status === 404) return undefined;
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, digest: digestOf(bytes), mediaType: response.headers.get('content-type') ?? MEDIA_TYPES.ociManifest };
}

/** Gives a tag to a manifest whose parts the registry has. Returns its digest. Throws as `resolveDigest` does. */
export async function writeManifest(
  reference: ImageReference,
  { bytes, mediaType }: Pick<Manifest, 'bytes' | 'mediaType'>,
  options: RegistryOptions = {},
): Promise<string> {
  // Node's fetch takes bytes of an ArrayBuffer of their own.
  await request(reference, 'push', { method: 'PUT', body: new Uint8Array(bytes), headers: { 'content-type': mediaType } }, options);
  return digestOf(bytes);
}

/**
 * Whether an image of this name may be pushed: begins an upload and takes it back. Throws as `resolveDigest` does, and where
 * the repository has to be made first, with the command.
 */
export async function checkPush(reference: ImageReference, options: RegistryOptions = {}): Promise<void> {
  const response = await request(reference, 'push', { method: 'POST' }, options, 'blobs/uploads/');
  const session = response.headers.get('location');
  // A session that stays is forgotten by the registry after a while; credentials go to no other host.
  if (session && new URL(session, response.url).origin === new URL(response.url).origin)
    await request(reference, 'push', { method: 'DELETE' }, options, session).catch(() => undefined);
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** @throws for every status but success and, when reading, 404 */
async function request(
  reference: ImageReference,
  wanted: Wanted,
  init: RequestInit,
  options: RegistryOptions,
  path = `manifests/${reference.digest ?? reference.tag ?? 'latest'}`,
): Promise<Response> {
  const { host, repository } = reference;
  const api = host === DOCKER_HUB ? 'registry-1.docker.io' : host;
  const scheme = isLocal(host) || options.insecure ? 'http' : 'https';
  const url = new URL(path, `${scheme}://${api}/v2/${repository}/`).href;
  const send = (authorization?: string) =>
    fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...(authorization && { authorization }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  const credentials = async () => (options.credentials ? await options.credentials(host) : undefined) ?? (await credentialsFor(host));
  try {
    let response = await send();
    const challenge = response.status === 401 ? parseChallenge(response.headers.get('www-authenticate')) : undefined;
    if (challenge) {
      const scope = `repository:${repository}:${wanted === 'push' ? 'pull,push' : 'pull'}`;
      const authorization = await answerChallenge(challenge, await credentials(), scope);
      if (authorization) response = await send(authorization);
    }
    if (response.ok || (response.status === 404 && wanted === 'read')) return response;
    throw response;
  } catch (thrown) {
    if (thrown instanceof Response) throw registryProblem(reference, wanted, await thrown.text().catch(() => ''), thrown.status);
    if (thrown instanceof TypeError || (thrown as Error).name === 'TimeoutError')
      throw registryProblem(reference, wanted, reasonOf(thrown as Error));
    throw thrown;
  }
}

/** Node's fetch says what happened in the cause of its error. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `ETIMEDOUT: no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause as (Error & { code?: string; errors?: Error[] }) | undefined;
  const text = cause?.message || cause?.errors?.[0]?.message || error.message;
  return cause?.code && !text.includes(cause.code) ? `${cause.code} ${text}` : text;
}
