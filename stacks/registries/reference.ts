import { UsageError } from '../../pipelines/errors.ts';

/** A reference to an image, in full: `node:20` is `node:20` of `library/` on Docker Hub. */
export interface ImageReference {
  /** With its port; `docker.io` for Docker Hub. */
  host: string;
  repository: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

export const DOCKER_HUB = 'docker.io';

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d+)?$/;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads a reference as Docker does. A tag is not made up where there is none.
 * @param key where it was said, for the message
 * @throws UsageError for what is none
 */
export function parseReference(text: string, key = 'image'): ImageReference {
  const wrong = (why: string) =>
    new UsageError(`${key}: '${text}' names no image: ${why}. It is written [HOST[:PORT]/]NAME[:TAG][@sha256:DIGEST]`);
  if (/^https?:\/\//.test(text)) throw wrong('leave out http:// or https://');
  const [named = '', digest, ...more] = text.split('@');
  if (more.length || (digest !== undefined && !DIGEST.test(digest))) throw wrong('what follows @ is no sha256 digest');
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) throw wrong(`'${tag}' is no tag`);
  const { host, repository } = splitHost(tagged ? named.slice(0, colon) : named);
  if (!HOST.test(host)) throw wrong(`'${host}' is no host`);
  const bad = repository.split('/').find((part) => !PART.test(part));
  if (bad !== undefined) throw wrong(/[A-Z]/.test(bad) ? `'${bad}' has capital letters` : `'${bad}' is no part of a name`);
  return { host, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** Whether the text begins with a host, by Docker's rule: a first part with a dot or a port, or localhost. */
export function namesHost(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const first = text.slice(0, slash);
  return first === 'localhost' || /[.:]/.test(first) || /[A-Z]/.test(first);
}

function splitHost(name: string): { host: string; repository: string } {
  const slash = name.indexOf('/');
  const host = namesHost(name) ? name.slice(0, slash) : DOCKER_HUB;
  const rest = namesHost(name) ? name.slice(slash + 1) : name;
  if (host !== DOCKER_HUB && host !== 'index.docker.io') return { host, repository: rest };
  return { host: DOCKER_HUB, repository: rest.includes('/') ? rest : `library/${rest}` };
}

/** The name without tag and digest, as Docker prints it. */
export const nameOf = ({ host, repository }: ImageReference) => `${host}/${repository}`;

export function formatReference(reference: ImageReference): string {
  const { tag, digest } = reference;
  return `${nameOf(reference)}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Hosts that Docker, and so we, may speak plain http to. */
export const isLocal = (host: string) => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
