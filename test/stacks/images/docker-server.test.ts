import { createHash } from 'node:crypto';
import { chmodSync, symlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../../../stacks/images/docker-server.ts';
import { ownPlatform } from '../../../stacks/images/platforms.ts';
import { dockerMissing, startDocker, type TestDocker } from '../../support/docker.ts';
import { type Folder, makeFolder } from './support.ts';

const NAMES = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG'] as const;
const before = { ...process.env };
const folders: Folder[] = [];
const set = (values: Partial<Record<(typeof NAMES)[number], string>>) => {
  for (const name of NAMES) delete process.env[name];
  Object.assign(process.env, { DOCKER_CONFIG: folder({}).root, ...values });
};
function folder(files: Record<string, string>): Folder {
  const made = makeFolder(files);
  folders.push(made);
  return made;
}
/** Docker's own files for a context. */
const context = (name: string, address: string) => {
  const id = createHash('sha256').update(name).digest('hex');
  return { [`contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: name, Endpoints: { docker: { Host: address } } }) };
};

afterEach(() => {
  process.env = { ...before };
});
afterAll(() => {
  for (const each of folders) each.remove();
});

describe('a Docker that is not there', () => {
  it('nothing listens: it says where it looked, and how to start it', async () => {
    set({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    await expect(docker()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message:
        "Docker is not running: nothing answers at unix:///nowhere/docker.sock (DOCKER_HOST). Start Docker Desktop, or 'sudo systemctl start docker', or set DOCKER_HOST",
    });
    set({ DOCKER_HOST: 'tcp://127.0.0.1:1' });
    await expect(docker()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('tcp://127.0.0.1:1 (DOCKER_HOST)'),
    });
  });

  it('an address that is none, and a context that is not there', async () => {
    set({ DOCKER_HOST: 'tcp://:x' });
    await expect(docker()).rejects.toThrow(
      "DOCKER_HOST: 'tcp://:x' is no address of Docker: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST",
    );
    set({ DOCKER_CONTEXT: 'colima' });
    await expect(docker()).rejects.toThrow(
      "DOCKER_CONTEXT: Docker has no context 'colima'; 'docker context ls' lists those that are there",
    );
    const settings = folder({ 'config.json': '{"currentContext":"gone"}' });
    set({ DOCKER_CONFIG: settings.root });
    await expect(docker()).rejects.toThrow(`${settings.root}/config.json: Docker has no context 'gone'`);
    set({ DOCKER_CONFIG: folder({ 'config.json': '{' }).root });
    await expect(docker()).rejects.toThrow('the settings of Docker, cannot be read');
  });
});

const skipped = dockerMissing();

describe.skipIf(skipped)(`a Docker that is there${skipped ? ` (${skipped})` : ''}`, () => {
  let server: TestDocker;
  let tcp: Server;
  beforeAll(async () => {
    server = await startDocker();
    tcp = createServer((socket) => {
      const inner = connect(socketPath());
      socket.pipe(inner).pipe(socket);
      for (const each of [socket, inner]) each.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    tcp?.close();
    await server?.stop();
  });
  const socketPath = () => server.host.replace('unix://', '');

  it('by DOCKER_HOST, a socket or TCP', async () => {
    set({ DOCKER_HOST: server.host });
    expect(await docker()).toMatchObject({ platform: ownPlatform(), version: expect.stringMatching(/^\d+\.\d+/) });
    const { port } = tcp.address() as AddressInfo;
    set({ DOCKER_HOST: `127.0.0.1:${port}` });
    const { client } = await docker();
    expect(await client.listContainers()).toEqual([]);
  });

  it("by a context: DOCKER_CONTEXT wins over Docker's settings, DOCKER_HOST over both", async () => {
    const files = { ...context('here', server.host), ...context('away', 'unix:///nowhere.sock') };
    const settings = folder({ 'config.json': '{"currentContext":"here"}', ...files });
    set({ DOCKER_CONFIG: settings.root });
    expect((await docker()).host).toEqual({ address: server.host, from: "context 'here'" });
    set({ DOCKER_CONFIG: settings.root, DOCKER_CONTEXT: 'away' });
    await expect(docker()).rejects.toThrow("nothing answers at unix:///nowhere.sock (context 'away')");
    set({ DOCKER_CONFIG: settings.root, DOCKER_CONTEXT: 'away', DOCKER_HOST: server.host });
    expect((await docker()).host.from).toBe('DOCKER_HOST');
  });

  it('of another user: told with what gives the right', async () => {
    // By a name of its own: a connection that is open already would be used again.
    const link = join(folder({}).root, 'docker.sock');
    symlinkSync(socketPath(), link);
    set({ DOCKER_HOST: `unix://${link}` });
    // Only the socket is to refuse.
    for (const path of [socketPath(), link]) chmodSync(dirname(path), 0o755);
    const groups = process.getgroups?.() ?? [];
    process.setgroups?.([]);
    process.setegid?.(65_534);
    process.seteuid?.(65_534);
    try {
      await expect(docker()).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining("permission denied. Run 'sudo usermod -aG docker $USER'"),
      });
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
      process.setgroups?.(groups);
    }
  });
});
