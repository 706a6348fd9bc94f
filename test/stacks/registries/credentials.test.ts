import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, it } from 'vitest';
import { authConfig, credentialsFor } from '../../../stacks/registries/credentials.ts';
import { type Folder, makeFolder } from '../images/support.ts';

const before = { ...process.env };
const folders: Folder[] = [];
const servers: Server[] = [];
afterEach(() => {
  process.env = { ...before };
});
afterAll(() => {
  for (const each of folders) each.remove();
  for (const each of servers) each.close();
});

function settings(config: object, files: Record<string, string> = {}): Folder {
  const made = makeFolder({ 'config.json': JSON.stringify(config), ...files });
  folders.push(made);
  process.env.DOCKER_CONFIG = made.root;
  // No credentials of the machine.
  Object.assign(process.env, { HOME: made.root, AWS_EC2_METADATA_DISABLED: 'true', METADATA_SERVER_DETECTION: 'none' });
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'GOOGLE_APPLICATION_CREDENTIALS'])
    delete process.env[name];
  return made;
}

/** A credential helper as Docker has them: reads a host, prints JSON. */
function helper(folder: Folder, name: string, script: string): void {
  chmodSync(folder.write(`bin/docker-credential-${name}`, `#!/bin/sh\nread host\n${script}\n`), 0o755);
  process.env.PATH = `${folder.root}/bin:${before.PATH}`;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

it("of 'docker login': as Docker keeps them, Docker Hub's under its old address", async () => {
  settings({
    auths: {
      'https://index.docker.io/v1/': { auth: base64('hub:a:b') },
      'ghcr.io': { auth: base64('me:token') },
      'https://old.example.com/v1/': { username: 'u', password: 'p' },
      'acr.example.com': { auth: base64('00000000:'), identitytoken: 'identity' },
    },
  });
  expect(await credentialsFor('docker.io')).toEqual({ username: 'hub', password: 'a:b' });
  expect(await credentialsFor('ghcr.io')).toEqual({ username: 'me', password: 'token' });
  expect(await credentialsFor('old.example.com')).toEqual({ username: 'u', password: 'p' });
  expect(await credentialsFor('acr.example.com')).toEqual({ username: '00000000', identityToken: 'identity' });
  expect(await credentialsFor('other.example.com')).toBeUndefined();
});

it('of a credential helper: that of the host before that of all', async () => {
  const folder = settings({ credHelpers: { 'gcr.io': 'one' }, credsStore: 'all', auths: { 'a.example.com': {} } });
  helper(folder, 'one', `echo '{"Username":"one","Secret":"'$host'"}'`);
  helper(
    folder,
    'all',
    `case $host in none*) echo 'credentials not found in native keychain'; exit 1;; esac; echo '{"Username":"<token>","Secret":"'$host'"}'`,
  );
  expect(await credentialsFor('gcr.io')).toEqual({ username: 'one', password: 'gcr.io' });
  expect(await credentialsFor('a.example.com')).toEqual({ username: '<token>', identityToken: 'a.example.com' });
  expect(await credentialsFor('docker.io')).toEqual({ username: '<token>', identityToken: 'https://index.docker.io/v1/' });
});

it('a helper that is not there, or fails: named, with the file that names it', async () => {
  const folder = settings({ credsStore: 'desktop' });
  await expect(credentialsFor('ghcr.io')).rejects.toThrow(
    `${folder.root}/config.json says that docker-credential-desktop keeps the credentials of ghcr.io, which is not on the PATH`,
  );
  helper(folder, 'desktop', 'echo "the keychain is locked" >&2; exit 2');
  await expect(credentialsFor('ghcr.io')).rejects.toThrow(
    `docker-credential-desktop, named in ${folder.root}/config.json, failed for ghcr.io: the keychain is locked`,
  );
});

it('a helper that does not know the host leaves it to nobody', async () => {
  const folder = settings({ credsStore: 'all' });
  helper(folder, 'all', "echo 'credentials not found in native keychain'; exit 1");
  expect(await credentialsFor('none.example.com')).toBeUndefined();
});

/** Answers as the clouds' own services would. */
async function answering(answer: (path: string, body: string) => object): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(request.url ?? '', body))));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("AWS: ECR's token by the SDK's default credentials, asked of the region of the host", async () => {
  settings({});
  const asked: string[] = [];
  process.env.AWS_ENDPOINT_URL_ECR = await answering((_, body) => {
    asked.push(body);
    return { authorizationData: [{ authorizationToken: base64('AWS:t:oken') }] };
  });
  const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  // Logged in as nobody: the registry will say so.
  expect(await credentialsFor(host)).toBeUndefined();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
  expect(await credentialsFor(host)).toEqual({ username: 'AWS', password: 't:oken' });
  expect(asked).toEqual(['{}']);
});

it("Google: a token by the default credentials, for Artifact Registry's hosts and gcr.io's", async () => {
  const folder = settings({}, { token: 'subject' });
  const url = await answering(() => ({ access_token: 'ya29.token', token_type: 'Bearer', expires_in: 3600 }));
  const account = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/token`,
    credential_source: { file: `${folder.root}/token` },
  };
  process.env.GOOGLE_APPLICATION_CREDENTIALS = folder.write('account.json', JSON.stringify(account));
  for (const host of ['europe-docker.pkg.dev', 'gcr.io', 'eu.gcr.io']) {
    expect(await credentialsFor(host)).toEqual({ username: 'oauth2accesstoken', password: 'ya29.token' });
  }
  // Those of Docker come first.
  settings({ auths: { 'gcr.io': { auth: base64('_json_key:key') } } });
  expect(await credentialsFor('gcr.io')).toEqual({ username: '_json_key', password: 'key' });
});

it('Google: credentials that give no token are told', async () => {
  const folder = settings({});
  process.env.GOOGLE_APPLICATION_CREDENTIALS = folder.write('account.json', '{"type":"nothing"}');
  await expect(credentialsFor('gcr.io')).rejects.toThrow(/Google's default credentials/);
});

it("in Docker's own words", () => {
  expect(authConfig('h', undefined)).toEqual({});
  expect(authConfig('h', { username: 'u', password: 'p' })).toEqual({ username: 'u', password: 'p', serveraddress: 'h' });
  expect(authConfig('h', { username: 'u', identityToken: 't' })).toEqual({ username: 'u', identitytoken: 't', serveraddress: 'h' });
});
