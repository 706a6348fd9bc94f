import { createServer } from 'node:net';
import { expect, it } from 'vitest';
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
    temporal: { address: '127.0.0.1:1', running: false, embedded: false },
    postgres: { url: 'postgres://me:***@127.0.0.1:1/db', running: false, embedded: false },
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

it('reads addresses as Temporal does', () => {
  const read = (address: string, namespace?: string) => externalTemporal({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  expect(read('cloud.example')).toEqual({ address: 'cloud.example:7233', namespace: 'default', embedded: false });
  expect(read('[::1]:80', 'ours')).toEqual({ address: '[::1]:80', namespace: 'ours', embedded: false });
  expect(read('')).toBeUndefined();
});
