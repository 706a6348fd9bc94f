import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseReference } from '../../../stacks/registries/reference.ts';
import { MEDIA_TYPES, readManifest, resolveDigest, writeManifest } from '../../../stacks/registries/registry-client.ts';
import { answerChallenge, parseChallenge } from '../../../stacks/registries/token.ts';
import { registryMissing, startRegistry, type TestRegistry } from '../../support/registry.ts';
import { type Folder, makeFolder } from '../images/support.ts';

it('challenges as registries write them', () => {
  expect(
    parseChallenge('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"'),
  ).toEqual({
    scheme: 'bearer',
    params: { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
  });
  expect(parseChallenge('Basic realm="x y"')).toEqual({ scheme: 'basic', params: { realm: 'x y' } });
  expect(parseChallenge(null)).toBeUndefined();
  expect(parseChallenge('Negotiate')).toBeUndefined();
});

it('credentials are not sent to a token service in plain text', async () => {
  const challenge = { scheme: 'bearer', params: { realm: 'http://example.com/token' } } as const;
  await expect(answerChallenge(challenge, { username: 'u', password: 'p' }, 's')).rejects.toThrow(
    'a token service without https: http://example.com/token',
  );
});

const skipped = registryMissing();

// A registry that trusts tokens of a service, as Docker Hub, Google's and GitHub's do. The service is the test's own.
describe.skipIf(skipped)(`a registry with a token service${skipped ? ` (${skipped})` : ''}`, () => {
  const before = { ...process.env };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const asked: { url: string; authorization: string | undefined; body: string }[] = [];
  let tokens: Server;
  let registry: TestRegistry;
  let folder: Folder;

  beforeAll(async () => {
    folder = makeFolder({ 'config.json': '{}' });
    process.env.DOCKER_CONFIG = folder.root;
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'ES256', use: 'sig' };
    const jwks = folder.write('jwks.json', JSON.stringify({ keys: [jwk] }));
    tokens = createServer(async (request, response) => {
      const body = await text(request);
      const url = new URL(request.url ?? '', 'http://x');
      asked.push({ url: url.pathname + url.search, authorization: request.headers.authorization, body });
      const isKnown =
        request.headers.authorization === `Basic ${Buffer.from('me:right').toString('base64')}` || body.includes('refresh_token=identity');
      if (!isKnown && request.headers.authorization) {
        response.statusCode = 401;
        response.end('{"details":"incorrect username or password"}');
        return;
      }
      const scope = url.searchParams.get('scope') ?? new URLSearchParams(body).get('scope') ?? '';
      const [type, name, actions = ''] = scope.split(':');
      const allowed = isKnown ? actions.split(',') : ['pull'];
      response.end(JSON.stringify({ token: jwt([{ type, name, actions: allowed }]) }));
    });
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
    const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    registry = await startRegistry({ token: { realm, service: 'tests', issuer: 'tests', jwks } });
  });

  afterAll(async () => {
    tokens?.close();
    await registry?.stop();
    folder?.remove();
    process.env = before;
  });

  const text = async (request: IncomingMessage) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    return body;
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  function jwt(access: object[]): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'tests', aud: 'tests', sub: 'me', exp: now + 300, nbf: now - 10, iat: now, jti: randomUUID(), access };
    const signed = `${part({ typ: 'JWT', alg: 'ES256', kid: 'test' })}.${part(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
  const logIn = (entry: object) => folder.write('config.json', JSON.stringify({ auths: { [registry.host]: entry } }));
  const reference = () => parseReference(`${registry.host}/a/b:1`);
  // An index of nothing needs no layers.
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  it('a password is turned into a token for what is wanted', async () => {
    logIn({ auth: Buffer.from('me:right').toString('base64') });
    expect(await resolveDigest(reference())).toBeUndefined();
    expect(await readManifest(reference())).toBeUndefined();
    expect(await writeManifest(reference(), { bytes, mediaType: MEDIA_TYPES.ociIndex })).toBe(digest);
    expect(asked.at(-1)).toMatchObject({
      url: expect.stringMatching(/^\/token\?service=tests&scope=repository%3Aa%2Fb%3Apu(ll|sh)%2Cpu(ll|sh)$/),
    });
    expect(await resolveDigest(`${registry.host}/a/b:1`)).toBe(digest);
    expect(await readManifest(reference())).toEqual({ bytes, digest, mediaType: MEDIA_TYPES.ociIndex });
    expect(await resolveDigest(`${registry.host}/a/b@${digest}`)).toBe(digest);
  });

  it('an identity token is, by OAuth2', async () => {
    logIn({ auth: Buffer.from('00000000:').toString('base64'), identitytoken: 'identity' });
    expect(await resolveDigest(reference())).toBe(digest);
    expect(asked.at(-1)).toMatchObject({
      url: '/token',
      authorization: undefined,
      body: expect.stringContaining('grant_type=refresh_token'),
    });
  });

  it('nobody in particular may read, and not write', async () => {
    folder.write('config.json', '{}');
    expect(await resolveDigest(reference())).toBe(digest);
    await expect(writeManifest(reference(), { bytes, mediaType: MEDIA_TYPES.ociIndex })).rejects.toThrow(
      new RegExp(
        `cannot be pushed to ${registry.host}: no or wrong credentials, or no permission.*Log in: docker login ${registry.host}$`,
        's',
      ),
    );
  });

  it('a wrong password: what the service says, and the command that logs in', async () => {
    logIn({ auth: Buffer.from('me:wrong').toString('base64') });
    await expect(resolveDigest(reference())).rejects.toThrow(
      new RegExp(`incorrect username or password.*Log in: docker login ${registry.host}$`, 's'),
    );
  });

  it("a registry's own credentials come first", async () => {
    const credentials = async (host: string) => (host === registry.host ? { username: 'me', password: 'right' } : undefined);
    expect(await resolveDigest(reference(), { credentials })).toBe(digest);
  });
});
