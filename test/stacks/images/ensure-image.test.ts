import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerOptions } from '../../../pipelines/docker.ts';
import { ensureImage } from '../../../stacks/images/ensure-image.ts';
import { parseReference } from '../../../stacks/registries/reference.ts';
import { readManifest, resolveDigest } from '../../../stacks/registries/registry-client.ts';
import { dockerMissing, startDocker, type TestDocker } from '../../support/docker.ts';
import { makeBaseImage, runContainer } from '../../support/images.ts';
import { until } from '../../support/project.ts';
import { registryMissing, startRegistry, type TestRegistry, USER } from '../../support/registry.ts';
import { type Folder, loggedIn, makeFolder } from './support.ts';

const skipped = dockerMissing() ?? registryMissing();

// Real Docker, and a real registry that wants a password.
describe.skipIf(skipped)(`the image of an environment${skipped ? ` (${skipped})` : ''}`, () => {
  const before = { ...process.env };
  const folders: Folder[] = [];
  let server: TestDocker;
  let registry: TestRegistry;
  let settings: Folder;

  beforeAll(async () => {
    [server, registry] = await Promise.all([startDocker(), startRegistry({ auth: true })]);
    settings = makeFolder({ 'config.json': loggedIn(registry.host, USER.username, USER.password) });
    process.env.DOCKER_HOST = server.host;
    process.env.DOCKER_CONFIG = settings.root;
    await makeBaseImage(server.client, { name: 'local/node:20' });
  });

  afterAll(async () => {
    await Promise.all([server?.stop(), registry?.stop()]);
    for (const each of [settings, ...folders]) each?.remove();
    process.env = before;
  });

  const folder = (files: Record<string, string>) => {
    const made = makeFolder(files);
    folders.push(made);
    return made;
  };
  const lines: string[] = [];
  const ensure = (root: string, docker: DockerOptions = {}, more: { push?: boolean; dryRun?: boolean; project?: string } = {}) => {
    lines.length = 0;
    const to = { type: 'registry', uri: `${registry.host}/team` } as const;
    return ensureImage({ docker, root, project: 'fraud', registry: to, push: true, onProgress: (line) => lines.push(line), ...more });
  };
  const output = (image: string, ...command: string[]) => runContainer(server.client, image, ...command);
  const code = `console.log(require('fs').readdirSync('.', { recursive: true }).sort().join(' '))`;

  it('is built and pushed once: nothing is done where nothing changed, Docker is not even asked', async () => {
    const { root, write } = folder({ Dockerfile: 'FROM local/node:20\nWORKDIR /app\nCOPY . .\n', 'main.js': '1' });
    const first = await ensure(root);
    expect(first).toMatchObject({
      built: true,
      pushed: true,
      image: expect.stringMatching(new RegExp(`^${registry.host}/team/fraud:[0-9a-f]{12}$`)),
    });
    expect(first.reference).toBe(`${registry.host}/team/fraud@${first.digest}`);
    expect(await resolveDigest(first.image)).toBe(first.digest);
    expect(lines).toContain('Dockerfile found');
    expect(lines).toContainEqual(expect.stringMatching(/^\[\d\/3\] COPY \. \./));

    const asked = registry.requests().length;
    process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
    const again = await ensure(root);
    process.env.DOCKER_HOST = server.host;
    expect(again).toEqual({ ...first, built: false, pushed: false });
    // One that tells what it wants, one with the password.
    const since = () => registry.requests().slice(asked);
    await until(() => since().length >= 2, 'the requests in the log of the registry');
    expect([...new Set(since())]).toEqual([`HEAD /v2/team/fraud/manifests/${first.image.split(':').at(-1)}`]);

    write('main.js', '2');
    const changed = await ensure(root);
    expect(changed).toMatchObject({ built: true, pushed: true });
    expect(changed.image).not.toBe(first.image);
    expect(changed.environmentHash).not.toBe(first.environmentHash);

    write('main.js', '1');
    expect(await ensure(root)).toMatchObject({ image: first.image, built: false, pushed: false });
    chmodSync(join(root, 'main.js'), 0o755);
    expect((await ensure(root, {}, { dryRun: true })).image).not.toBe(first.image);
  });

  it('a dry run says what it would do, and does nothing', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\nCOPY . /app\n' });
    const dry = await ensure(root, {}, { dryRun: true, project: 'dry' });
    expect(dry).toMatchObject({ built: true, pushed: true, reference: dry.image });
    expect(dry.digest).toBeUndefined();
    expect(lines).toContain(`would build ${dry.image} from Dockerfile, and push it`);
    expect(await resolveDigest(dry.image)).toBeUndefined();
    const real = await ensure(root, {}, { project: 'dry' });
    expect(real.image).toBe(dry.image);
    expect(await ensure(root, {}, { project: 'dry', dryRun: true })).toEqual({ ...real, built: false, pushed: false });
  });

  it('stays in this machine where nobody else needs it', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\nWORKDIR /app\nCOPY . .\n', 'local.js': '' });
    const first = await ensure(root, {}, { push: false });
    expect(first).toMatchObject({ built: true, pushed: false });
    expect(first.reference).toMatch(/^sha256:/);
    expect(await output(first.reference, 'node', '-e', code)).toBe('Dockerfile local.js');
    expect(await ensure(root, {}, { push: false })).toEqual({ ...first, built: false });
    // Pushing it later builds nothing.
    expect(await ensure(root)).toMatchObject({ image: first.image, built: false, pushed: true });
  });

  it('.dockerignore counts, with its exceptions, in the image and in its tag', async () => {
    const { root, write } = folder({
      'docker/training.Dockerfile': 'FROM local/node:20\nWORKDIR /app\nCOPY . .\n',
      '.dockerignore': '# comment\ndata\n!data/keep.csv\n**/*.log\nnotes/*\ndocker\n',
      'data/huge.csv': 'x',
      'data/keep.csv': 'x',
      'data/deep/other.csv': 'x',
      'a/b/c.log': 'x',
      'a/b/c.txt': 'x',
      'notes/n.md': 'x',
      '.flowyml/postgres/data': 'x',
    });
    const docker = { dockerfile: 'docker/training.Dockerfile' };
    const first = await ensure(root, docker);
    expect(await output(first.image, 'node', '-e', code)).toBe(
      '.dockerignore .flowyml.Dockerfile a a/b a/b/c.txt data data/keep.csv notes',
    );
    write('data/huge.csv', 'changed');
    write('a/b/d.log', 'new');
    write('.flowyml/postgres/data', 'changed');
    expect(await ensure(root, docker)).toMatchObject({ image: first.image, built: false });
    write('data/keep.csv', 'changed');
    expect((await ensure(root, docker, { dryRun: true })).image).not.toBe(first.image);
  });

  it('build_args reach the Dockerfile; env_vars reach neither the image nor its tag', async () => {
    const { root } = folder({
      Dockerfile: 'ARG BASE_IMAGE=python:3.11-slim\nFROM $BASE_IMAGE\nARG FLAVOUR=none\nRUN echo "$FLAVOUR" > /flavour\n',
    });
    const docker = { baseImage: 'local/node:20', dockerfile: 'Dockerfile', buildArgs: { FLAVOUR: 'vanilla' } };
    const first = await ensure(root, docker);
    expect(await output(first.image, 'cat', '/flavour')).toBe('vanilla');
    const secret = { ...docker, envVars: { API_KEY: 'sk-very-secret' } };
    expect(await ensure(root, secret)).toEqual({ ...first, built: false, pushed: false });
    expect((await ensure(root, { ...docker, buildArgs: { FLAVOUR: 'mint' } })).image).not.toBe(first.image);
    // Built afresh with them, too.
    await server.client.getImage(first.image).remove({ force: true });
    const local = await ensure(root, secret, { push: false });
    const image = server.client.getImage(local.reference);
    expect(JSON.stringify([await image.inspect(), await image.history()])).not.toContain('sk-very-secret');
    expect((await image.inspect()).Config.Labels).toEqual({ 'flowyml.content': local.environmentHash });
  });

  it('image beside a build source is the name to build under; its own tag follows the content', async () => {
    const { root, write } = folder({ Dockerfile: 'FROM local/node:20\nCOPY . /app\n' });
    const docker = { image: `${registry.host}/my-project/fraud-training:latest`, dockerfile: 'Dockerfile' };
    const first = await ensure(root, docker);
    expect(first.image).toMatch(new RegExp(`^${registry.host}/my-project/fraud-training:[0-9a-f]{12}$`));
    expect(await resolveDigest(docker.image)).toBe(first.digest);
    write('more', '1');
    const second = await ensure(root, docker);
    expect(second.digest).not.toBe(first.digest);
    expect(await resolveDigest(docker.image)).toBe(second.digest);
    // Going back builds and pushes nothing, and moves the tag.
    const { rm } = await import('node:fs/promises');
    await rm(join(root, 'more'));
    expect(await ensure(root, docker)).toMatchObject({ digest: first.digest, built: false, pushed: false });
    expect(await resolveDigest(docker.image)).toBe(first.digest);
    // A name without a host goes below the stack's registry.
    expect((await ensure(root, { ...docker, image: 'fraud-training:v3' }, { dryRun: true })).image).toContain(
      `${registry.host}/team/fraud-training:`,
    );
  });

  it("the user's own pushed image is used as it is, with its digest", async () => {
    const image = `${registry.host}/own/training:v3`;
    await server.client.getImage('local/node:20').tag({ repo: `${registry.host}/own/training`, tag: 'v3' });
    const { root } = folder({ Dockerfile: 'FROM nowhere\n' });
    await expect(ensure(root, { image })).rejects.toThrow(
      `docker.image: ${image} is not in its registry. Push it ('docker push ${image}')`,
    );
    const stream = await server.client
      .getImage(`${registry.host}/own/training`)
      .push({ tag: 'v3', authconfig: { ...USER, serveraddress: registry.host } });
    await new Promise((resolve) => server.client.modem.followProgress(stream, resolve));
    const used = await ensure(root, { image, envVars: { A: '1' } });
    expect(used).toMatchObject({ image, built: false, pushed: false, digest: await resolveDigest(image) });
    expect(used.reference).toBe(`${registry.host}/own/training@${used.digest}`);
    expect(await ensure(root, { image: used.reference })).toMatchObject({ reference: used.reference, digest: used.digest });
    const local = await ensure(root, { image: 'local/node:20' }, { push: false });
    expect(local.reference).toBe((await server.client.getImage('local/node:20').inspect()).Id);
  });

  it('several platforms make one index, in which each has its digest', async () => {
    // Nothing runs in these builds, so that no emulation is needed.
    const { root } = folder({ Dockerfile: 'FROM scratch\nCOPY . /app\n' });
    const docker = { platforms: ['linux/arm64', 'linux/amd64'] };
    const first = await ensure(root, docker, { project: 'multi' });
    const manifest = await readManifest(parseReference(first.image));
    expect(manifest?.digest).toBe(first.digest);
    const index = JSON.parse(String(manifest?.bytes));
    expect(index.manifests.map((each: { platform: unknown }) => each.platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const part of index.manifests) {
      const own = await readManifest({ ...parseReference(first.image), digest: part.digest });
      expect(own?.bytes.length).toBe(part.size);
    }
    expect(await ensure(root, docker, { project: 'multi' })).toEqual({ ...first, built: false, pushed: false });
    // For this machine alone, its own.
    const local = await ensure(root, docker, { project: 'multi', push: false });
    expect((await server.client.getImage(local.reference).inspect()).Architecture).toBe(process.arch === 'x64' ? 'amd64' : process.arch);
  });

  it('a wrong password: told with the command that logs in', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\n' });
    writeFileSync(join(settings.root, 'config.json'), loggedIn(registry.host, 'flowyml', 'wrong'));
    const logIn = new RegExp(`no or wrong credentials.* Log in: docker login ${registry.host}$`, 's');
    await expect(ensure(root)).rejects.toThrow(logIn);
    writeFileSync(join(settings.root, 'config.json'), '{}');
    await expect(ensure(root)).rejects.toThrow(logIn);
    writeFileSync(join(settings.root, 'config.json'), loggedIn(registry.host, USER.username, USER.password));
  });

  it('a base image in a registry that wants a password is pulled with it', async () => {
    const base = await ensure(folder({ Dockerfile: 'FROM local/node:20\nCOPY . /base\n' }).root, {}, { project: 'base' });
    await server.client.getImage(base.image).remove({ force: true });
    const { root } = folder({ Dockerfile: `FROM ${base.image}\nCOPY . /app\n`, x: '' });
    const built = await ensure(root, {}, { push: false });
    expect(lines).toContain(`pulling ${base.image}`);
    expect(await output(built.reference, 'ls', '/base', '/app')).toContain('Dockerfile');
  });

  it('a registry that is down: told before anything is built; while pushing, too', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\n' });
    const other = await startRegistry();
    await other.stop();
    const to = { type: 'registry', uri: other.host } as const;
    const pushed = ensureImage({ docker: {}, root, project: 'p', registry: to, push: true });
    await expect(pushed).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be read from 127.0.0.1:\d+: the registry cannot be reached: .*ECONNREFUSED/),
    });
    const { pushImage } = await import('../../../stacks/images/push.ts');
    const { docker } = await import('../../../stacks/images/docker-server.ts');
    await server.client.getImage('local/node:20').tag({ repo: `${other.host}/x`, tag: '1' });
    const push = pushImage(await docker(), `${other.host}/x:1`, undefined, () => undefined);
    await expect(push).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be pushed to .* the registry cannot be reached/),
    });
  });

  it('nowhere to push to, or a name that cannot be built: told', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\n' });
    await expect(ensureImage({ docker: {}, root, project: 'p', push: true })).rejects.toThrow('set container_registry on the stack');
    await expect(ensure(root, { image: `x@sha256:${'0'.repeat(64)}`, dockerfile: 'Dockerfile' })).rejects.toThrow('names a digest');
  });

  const failing: [what: string, dockerfile: string, message: RegExp][] = [
    [
      'a command',
      'FROM local/node:20\n\n# why\nRUN echo one && \\\n    echo two; exit 3\n',
      /Dockerfile:4: RUN echo one &&\s+echo two; exit 3: exit code 3\n {4}one\n {4}two$/,
    ],
    ['an unknown instruction', 'FROM local/node:20\nRUNN true\n', /Dockerfile:2: unknown instruction: RUNN/],
    [
      'a file that is not there',
      'FROM local/node:20\nRUN true\nCOPY nothere /x\n',
      /Dockerfile:3: COPY nothere \/x: there is no \/nothere in the build context/,
    ],
    [
      'a base image that nobody has',
      'FROM 127.0.0.1:1/none:1\n',
      /127\.0\.0\.1:1\/none:1 cannot be read from 127\.0\.0\.1:1: the registry cannot be reached/,
    ],
  ];
  it.each(failing)('a Dockerfile that fails at %s: its line and what it printed', async (_, dockerfile, message) => {
    const { root } = folder({ Dockerfile: dockerfile });
    await expect(ensure(root, {}, { push: false })).rejects.toThrow(message);
  });

  // The last one: the server is gone then.
  it('Docker that goes away in the middle of a build: told as such', async () => {
    const { root } = folder({ Dockerfile: 'FROM local/node:20\nRUN sleep 60\n' });
    const building = ensure(root, {}, { push: false });
    const told = expect(building).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/^Docker went away/),
    });
    await until(() => lines.some((line) => line.includes('RUN sleep')), 'the step that sleeps');
    await server.kill();
    await told;
  });
});
