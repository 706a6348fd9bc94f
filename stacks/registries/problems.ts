import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { providerOf } from './providers.ts';
import { formatReference, type ImageReference, nameOf } from './reference.ts';

/** What one wanted of a registry, for messages: `push`, `read`. */
export type Wanted = 'push' | 'pull' | 'read';

/**
 * Tells what a registry, or Docker about one, complained of, with what to do.
 * @param detail what it said
 * @param status its HTTP status, where known
 */
export function registryProblem(reference: ImageReference, wanted: Wanted, detail: string, status?: number): Error {
  const provider = providerOf(reference);
  const image = formatReference(reference);
  const said = detail.trim() ? `: ${detail.trim().slice(0, 500)}` : '';
  const verb = { push: 'pushed to', pull: 'pulled from', read: 'read from' }[wanted];
  const cannot = `${image} cannot be ${verb} ${reference.host}`;
  const missing = /name unknown|repository .*(not found|does not exist)|NAME_UNKNOWN|RepositoryNotFound/i;
  if (provider.create && wanted === 'push' && (status === 404 || missing.test(detail))) {
    return new UsageError(`${cannot}: the repository ${nameOf(reference)} does not exist${said}. Make it: ${provider.create}`);
  }
  if (status === 401 || status === 403 || DENIED.test(detail)) {
    const role = provider.kind === 'google' ? ', and give the account the role roles/artifactregistry.writer' : '';
    const more = wanted === 'push' ? role : '';
    return new UsageError(`${cannot}: no or wrong credentials, or no permission${said}. Log in: ${provider.logIn}${more}`);
  }
  if (/HTTP response to HTTPS client/i.test(detail)) {
    return new UsageError(
      `${cannot}: it speaks plain http${said}. Add "${reference.host}" to "insecure-registries" in the daemon.json of Docker, and 'insecure: true' to container_registry`,
    );
  }
  if (UNREACHABLE.test(detail)) {
    return new ServiceUnavailable(`${cannot}: the registry cannot be reached${said}. Check the address and the network`);
  }
  if (status !== undefined && status >= 500) return new ServiceUnavailable(`${cannot}: it answers ${status}${said}`);
  return new UsageError(`${cannot}${status === undefined ? '' : `: it answers ${status}`}${said}`);
}

const DENIED =
  /unauthorized|authentication required|no basic auth|denied|forbidden|not authorized|authorization token has expired|incorrect username or password/i;
const UNREACHABLE =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|connection refused|no such host|i\/o timeout|context deadline exceeded|connection reset|TLS handshake timeout|UND_ERR|fetch failed/i;
