import { afterAll, beforeAll, expect, it } from 'vitest';
import { findProject } from '../../stacks/project.ts';
import { createWorker } from '../../workers/index.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { PIPELINES } from './pipelines.ts';
import { type SecureProxy, secureProxy } from './secure-proxy.ts';

// The same settings as the `temporal` command's: a profile with TLS, a client's certificate and an API key.

let project: TestProject;
let proxy: SecureProxy;
const profile = (lines: string) => project.write('temporal.toml', lines);
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  proxy = await secureProxy(project.env.TEMPORAL_ADDRESS ?? '', 'KEY');
  delete project.env.TEMPORAL_ADDRESS;
  project.env.TEMPORAL_CONFIG_FILE = profile(`[profile.secure]
address = "${proxy.address}"
namespace = "default"
api_key = "KEY"
[profile.secure.tls]
server_name = "temporal.test"
server_ca_cert_path = "${proxy.ca}"
client_cert_path = "${proxy.cert}"
client_key_path = "${proxy.key}"
[profile.stranger]
address = "${proxy.address}"
api_key = "wrong"
[profile.stranger.tls]
server_name = "temporal.test"
server_ca_cert_path = "${proxy.ca}"
client_cert_path = "${proxy.cert}"
client_key_path = "${proxy.key}"
[profile.nameless]
address = "${proxy.address}"
api_key = "KEY"
[profile.nameless.tls]
server_name = "temporal.test"
server_ca_cert_path = "${proxy.ca}"
[profile.distrustful]
address = "${proxy.address}"
api_key = "KEY"
[profile.plain]
address = "${proxy.address}"
[profile.plain.tls]
disabled = true
`);
});
afterAll(async () => {
  await project.remove();
  proxy.close();
});

it('runs a pipeline, worker included, and finds the run again', async () => {
  project.env.TEMPORAL_PROFILE = 'secure';
  const run = await project.flowyml('run', 'pipelines/p.ts#sums', '--id', `${project.name}-tls`, '--json');
  expect(run.stderr + run.stdout).not.toContain('KEY');
  expect(run.stderr).not.toMatch(/^flowyml:/m);
  expect(JSON.parse(run.stdout)).toMatchObject({ status: 'succeeded' });
  const shown = await project.flowyml('runs', 'show', `${project.name}-tls`);
  expect(shown.stdout).toMatch(/succeeded/);
  const status = await project.flowyml('status', '--json');
  expect(JSON.parse(status.stdout).temporal).toEqual({
    address: proxy.address,
    namespace: 'default',
    source: expect.stringMatching(/^profile 'secure' of .*temporal\.toml$/),
    running: true,
    embedded: false,
  });
});

it.each([
  ['stranger', /refuses this login .*check the API key or client certificate, and the namespace, of profile 'stranger'/],
  ['distrustful', /cannot be talked to securely .*check TLS, its certificates and server name, of profile 'distrustful'/],
  ['plain', /wants TLS: turn it on in the settings of profile 'plain'/],
  ['nameless', /cannot be talked to securely .*certificate required.*of profile 'nameless'/],
])('says what is wrong with the login of profile %s', async (name, message) => {
  project.env.TEMPORAL_PROFILE = name;
  const shown = await project.flowyml('runs', 'show', 'any');
  expect(shown.stderr).toMatch(message);
  expect(shown.code).toBe(1);
});

it('says so of a worker too', async () => {
  const options = { project: findProject(project.root), databaseUrl: project.databaseUrl, pipelines: [] };
  const temporal = { address: proxy.address, namespace: 'default', source: 'the test' };
  await expect(createWorker({ ...options, temporal })).rejects.toThrow(/wants TLS: turn it on in the settings of the test/);
});
