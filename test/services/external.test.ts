import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { doctor, ensureServices, findServices, servicesStatus } from '../../services/index.ts';
import { externalTemporal } from '../../services/temporal/external.ts';
import { env, projects } from './project.ts';

const { make } = projects();
// Port 1 is never listened on.
const nowhere = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1', FLOWYML_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/db' };

it('says which service, named how, cannot be reached, and what to do; the password stays out', async () => {
  const options = { ...make(), env: nowhere };
  const error: unknown = await ensureServices(options).catch((one) => one);
  expect(error).toBeInstanceOf(ServiceUnavailable);
  expect((error as Error).message).toBe(
    'Cannot reach the Temporal server at 127.0.0.1:1, named by TEMPORAL_ADDRESS (connection refused): ' +
      'start it, correct the address, or unset TEMPORAL_ADDRESS so that flowyml starts a server of its own.\n' +
      'Cannot use the PostgreSQL at postgres://me:***@127.0.0.1:1/db, named by FLOWYML_DATABASE_URL (connection refused): ' +
      'start it, correct the address, or unset FLOWYML_DATABASE_URL so that flowyml starts one of its own.',
  );
  expect(await findServices(options)).toBeUndefined();
  expect(await servicesStatus(options)).toEqual({
    temporal: { address: '127.0.0.1:1', namespace: 'default', source: 'TEMPORAL_ADDRESS', running: false, embedded: false },
    postgres: { url: 'postgres://me:***@127.0.0.1:1/db', running: false, embedded: false, source: 'FLOWYML_DATABASE_URL' },
    workers: [],
  });
  const wrong = (await doctor(options)).filter(({ ok }) => !ok);
  expect(wrong.map(({ name }) => name)).toEqual(['Temporal', 'PostgreSQL']);
  expect(wrong.every(({ remedy }) => remedy)).toBe(true);
  expect(JSON.stringify(wrong)).not.toContain('secret');
});

it('gives up on a server that does not answer', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const database = { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${port}`, FLOWYML_DATABASE_URL: `postgres://127.0.0.1:${port}/db` };
  await expect(ensureServices({ ...make(), env: database })).rejects.toThrow(/no answer within 5 s/);
  silent.close();
}, 10_000);

it.each([
  [{ TEMPORAL_ADDRESS: 'http://there:7233/x' }, /TEMPORAL_ADDRESS is "http:\/\/there:7233\/x": expected host:port/],
  [{ FLOWYML_DATABASE_URL: 'mysql://there/db' }, /FLOWYML_DATABASE_URL is no address of a PostgreSQL: expected postgres:/],
])('refuses %j', async (setting, message) => {
  const started = ensureServices({ ...make(), env: { ...env, ...setting } });
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow(message);
});

it('reads addresses as Temporal does', async () => {
  const file = { TEMPORAL_CONFIG_FILE: '/dev/null' };
  const read = (address: string, namespace?: string) =>
    externalTemporal({ ...file, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  const named = { embedded: false, source: 'TEMPORAL_ADDRESS' };
  expect(await read('cloud.example')).toEqual({ address: 'cloud.example:7233', namespace: 'default', ...named });
  expect(await read('[::1]:80', 'ours')).toEqual({ address: '[::1]:80', namespace: 'ours', ...named });
  expect(await read('')).toBeUndefined();
});

describe("profiles of Temporal's configuration file", () => {
  const file = join(mkdtempSync(join(tmpdir(), 'flowyml-profiles-')), 'temporal.toml');
  afterAll(() => rmSync(dirname(file), { recursive: true }));
  const read = (toml: string, settings: NodeJS.ProcessEnv = {}) => {
    writeFileSync(file, toml);
    return externalTemporal({ TEMPORAL_CONFIG_FILE: file, ...settings });
  };
  const CLOUD = '[profile.cloud]\naddress = "ns.a1.tmprl.cloud:7233"\nnamespace = "ns.a1"\napi_key = "KEY"\n';

  it('give the address, the namespace and the login', async () => {
    const cloud = { address: 'ns.a1.tmprl.cloud:7233', namespace: 'ns.a1', apiKey: 'KEY', tls: true, embedded: false };
    expect(await read(CLOUD, { TEMPORAL_PROFILE: 'cloud' })).toEqual({ ...cloud, source: `profile 'cloud' of ${file}` });
    expect(await read(CLOUD.replace('cloud', 'default'))).toEqual({ ...cloud, source: `profile 'default' of ${file}` });
    expect(await read(CLOUD)).toBeUndefined();
    expect(await read(CLOUD, { TEMPORAL_PROFILE: 'cloud', TEMPORAL_API_KEY: 'OTHER', TEMPORAL_NAMESPACE: 'other' })).toMatchObject({
      apiKey: 'OTHER',
      namespace: 'other',
    });
    expect(await read(CLOUD, { TEMPORAL_PROFILE: 'cloud', TEMPORAL_ADDRESS: 'here:1' })).toMatchObject({
      address: 'here:1',
      apiKey: 'KEY',
      source: 'TEMPORAL_ADDRESS',
    });
    expect(await read('[profile.default]\nnamespace = "ours"\n')).toBeUndefined();
    expect(await read('[profile.mine]\n', { TEMPORAL_PROFILE: 'mine' })).toMatchObject({ address: 'localhost:7233' });
    expect(await read('[profile.x]\naddress="a:1"\n[profile.x.grpc_meta]\nteam = "ml"\n', { TEMPORAL_PROFILE: 'x' })).toMatchObject({
      metadata: { team: 'ml' },
    });
  });

  it.each([
    ['', { TEMPORAL_PROFILE: 'prod' }, /TEMPORAL_PROFILE \(prod\).*temporal\.toml: Profile 'prod' not found/],
    ['[profile.default\n', {}, /temporal\.toml: .*TOML/],
    ['[profile.default]\naddress = "https://there/x"\n', {}, /The address in profile 'default' of .* is "https:.*expected host:port/],
    ['[profile.default]\naddress = "a:1"\n[profile.default.tls]\nclient_cert_path = "/no/such.pem"\n', {}, /no such file.*such\.pem/],
    [
      '[profile.default]\naddress = "a:1"\n[profile.default.tls]\nclient_cert_path = "x"\nclient_cert_data = "y"\n',
      {},
      /both client_cert_path and client_cert_data/,
    ],
  ])('that cannot be used are refused: %j %j', async (toml, settings, message) => {
    await expect(read(toml, settings)).rejects.toThrow(UsageError);
    await expect(read(toml, settings)).rejects.toThrow(message);
  });
});
