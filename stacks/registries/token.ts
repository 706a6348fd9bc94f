import type { Credentials } from './credentials.ts';
import { isLocal } from './reference.ts';

/** What a registry asks for before it answers (`WWW-Authenticate`). */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  params: Record<string, string>;
}

/** Undefined for a scheme that no registry uses. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const scheme = /^\s*(basic|bearer)\b/i.exec(header ?? '')?.[1]?.toLowerCase();
  if (!header || !scheme) return undefined;
  const params: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of header.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^",\s]+))/gi))
    params[name.toLowerCase()] = quoted ?? bare ?? '';
  return { scheme: scheme as Challenge['scheme'], params };
}

const basic = (username: string, password: string) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/**
 * The `Authorization` that answers a challenge; undefined where there is nothing to answer it with.
 * @throws the response of a token service that refuses
 */
export async function answerChallenge(
  challenge: Challenge,
  credentials: Credentials | undefined,
  scope: string,
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') {
    return credentials && 'password' in credentials ? basic(credentials.username, credentials.password) : undefined;
  }
  const { realm = '', service } = challenge.params;
  const url = new URL(realm);
  // A registry must not send us, credentials in hand, to whoever listens in plain text.
  if (url.protocol !== 'https:' && !isLocal(url.host)) throw new Error(`the registry names a token service without https: ${realm}`);
  const asked: [string, string][] = [
    ...(service ? [['service', service] as [string, string]] : []),
    ['scope', challenge.params.scope ?? scope],
  ];
  const response =
    credentials && 'identityToken' in credentials
      ? await refresh(url, asked, credentials.identityToken)
      : await ask(url, asked, credentials);
  if (!response.ok) throw response;
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access_token ?? ''}`;
}

function ask(url: URL, asked: [string, string][], credentials: { username: string; password: string } | undefined): Promise<Response> {
  for (const [name, value] of asked) url.searchParams.append(name, value);
  const headers: Record<string, string> = credentials ? { authorization: basic(credentials.username, credentials.password) } : {};
  return fetch(url, { headers });
}

/** OAuth2, for identity tokens. */
function refresh(url: URL, asked: [string, string][], identityToken: string): Promise<Response> {
  const body = new URLSearchParams([...asked, ['grant_type', 'refresh_token'], ['refresh_token', identityToken], ['client_id', 'flowyml']]);
  return fetch(url, { method: 'POST', body });
}
