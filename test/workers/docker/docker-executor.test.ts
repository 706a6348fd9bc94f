import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPlan, findRun, listAttempts } from '../../../metadata/index.ts';
import { loggedIn } from '../../stacks/images/support.ts';
import { dockerMissing, startDocker, type TestDocker } from '../../support/docker.ts';
import { type TestProject, until } from '../../support/project.ts';
import { registryMissing, startRegistry, USER } from '../../support/registry.ts';
import { makeRuntimeImage } from '../../support/runtime-image.ts';
import { containersOf, makeBoxes, noneLeft, runOf } from './support.ts';

const PIPELINES = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', group: 'data', cache: { also: [] }, outputs: { data: z.array(z.number()) } }, () => Array.from({ length: 3000 }, (_, i) => i));
const train = step({ name: 'train', group: 'training', inputs: { data: z.array(z.number()) }, outputs: { total: z.number() } }, ({ data }) =>
  data.reduce((a, b) => a + b, 0));
export const training = pipeline('training', { steps: [load, train] });

const refused = (write: () => void) => { try { write(); return false; } catch { return true; } };
const look = step({ name: 'look', group: 'training', cache: false, outputs: { seen: z.record(z.string(), z.unknown()) } }, () => ({
  user: process.getuid?.(),
  kind: process.env.KIND,
  greeting: process.env.GREETING,
  socket: existsSync('/var/run/docker.sock'),
  readOnly: refused(() => writeFileSync('/app/x', '')) && refused(() => writeFileSync('/x', '')),
  temporary: !refused(() => writeFileSync('/tmp/x', '')),
  capabilities: /CapEff:\\s*(\\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1],
}));
export const looking = pipeline('looking', { steps: [look] });

// Slow the first time only: the second attempt has the checkpoint.
const slow = step({ name: 'slow', group: 'data', cache: false, outputs: { attempts: z.number() } }, async (_, run) => {
  const before = (await run.checkpoint.load<number>()) ?? 0;
  await run.checkpoint.save(before + 1);
  console.log('begun');
  if (!before) await wait(120_000);
  return before + 1;
});
export const slowly = pipeline('slowly', { steps: [slow] });

const greedy = step({ name: 'greedy', group: 'training', cache: false }, () => {
  const all: Buffer[] = [];
  for (;;) all.push(Buffer.alloc(20_000_000, 1));
});
export const greedily = pipeline('greedily', { steps: [greedy] });

const items = step({ name: 'items', outputs: { numbers: z.array(z.number()) } }, () => [1, 2, 3, 4, 5, 6]);
const square = mapStep({ name: 'square', items: 'numbers', item: z.number(), batchSize: 1, group: 'data', cache: false, resources: { autoscaling: true }, outputs: { places: z.string() } }, async () => {
  await wait(3000);
  return JSON.parse(process.env.FLOWYML_QUEUE_WORKER ?? '{}').name;
});
export const many = pipeline('many', { steps: [items, square], groups: { data: { replicas: 3 } } });
`;

describe('steps in containers', () => {
  let docker: TestDocker;
  let project: TestProject;
  const missing = dockerMissing();
  beforeAll(async () => {
    if (missing) return;
    docker = await startDocker();
    await makeRuntimeImage(docker.client);
    project = await makeBoxes(docker, { 'pipelines/p.ts': PIPELINES });
  });
  afterAll(async () => {
    await project?.remove();
    await docker?.stop();
  });
  const p = (name: string) => `pipelines/p.ts#${name}`;

  it('of two groups run in two images, and what they made is cached for other stacks', async (context) => {
    if (missing) return context.skip(missing);
    const { code, result, stderr } = await runOf(project, p('training'));
    expect(code, stderr).toBe(0);
    expect(result).toMatchObject({ stack: 'boxes', steps: { train: { status: 'succeeded', outputs: { total: { value: 4498500 } } } } });
    expect(stderr).toMatch(/building \S+ from data\.Dockerfile/);
    await noneLeft(docker.client, project);

    const local = await runOf(project, p('training'), '--stack', 'local');
    expect(Object.values(local.result.steps).map(({ status }) => status)).toEqual(['cached', 'cached']);
    const again = await runOf(project, p('training'), '--recompute', 'train');
    expect(again.stderr).not.toContain('building');
    expect(again.result.steps).toMatchObject({ load: { status: 'cached' }, train: { status: 'succeeded' } });
  });

  it('have no more rights than they need', async (context) => {
    if (missing) return context.skip(missing);
    const { result } = await runOf(project, p('looking'));
    expect(result.steps.look?.outputs.seen?.value).toEqual({
      user: 1000,
      kind: 'training',
      greeting: 'hello',
      socket: false,
      readOnly: true,
      temporary: true,
      capabilities: '0000000000000000',
    });
  });

  it('go on in another container when theirs is killed, and when Docker itself is', async (context) => {
    if (missing) return context.skip(missing);
    const running = project.start('run', p('slowly'), '--id', `${project.name}-killed`);
    const [container] = await begun(`${project.name}-killed`);
    await docker.client.getContainer(container?.Id ?? '').kill();
    const { code } = await running.ended;
    expect(code, running.output()).toBe(0);
    const session = await project.session();
    const run = await findRun(session.db, `${project.name}-killed`);
    const attempts = run ? await listAttempts(session.db, run) : [];
    expect(attempts.map(({ status, counted }) => [status, counted])).toEqual([
      ['lost', false],
      ['succeeded', false],
    ]);
    expect(attempts[0]?.error?.message).toContain('was killed (signal 9)');
    expect(running.output()).toMatch(/worker \S+ ended: its container was killed/);

    const other = project.start('run', p('slowly'), '--id', `${project.name}-server`);
    await begun(`${project.name}-server`);
    await docker.kill();
    for (const { pid } of await processesOf(project)) process.kill(pid, 'SIGKILL');
    await wait(2000);
    await docker.start();
    expect((await other.ended).code, other.output()).toBe(0);
    await noneLeft(docker.client, project);
  });

  it('that use too much memory are told so', async (context) => {
    if (missing) return context.skip(missing);
    const { code, result } = await runOf(project, p('greedily'));
    expect(code).toBe(1);
    expect(result.steps.greedy?.error).toMatchObject({
      type: 'MemoryExceeded',
      message: expect.stringContaining('used more than its 256 MiB'),
    });
  });

  it('are many where a group scales by itself', async (context) => {
    if (missing) return context.skip(missing);
    const { code, result } = await runOf(project, p('many'));
    expect(code).toBe(0);
    const output = JSON.parse((await project.flowyml('artifact', 'get', `${result.runId}/square/places`)).stdout) as string[];
    expect(output).toHaveLength(6);
    expect(new Set(output).size).toBeGreaterThan(1);
    expect(new Set(output).size).toBeLessThanOrEqual(3);
  });

  it('leave no container behind: neither after Ctrl-C, nor when the command was killed and `down` cleans up', async (context) => {
    if (missing) return context.skip(missing);
    const interrupted = project.start('run', p('slowly'), '--id', `${project.name}-ctrl-c`);
    await begun(`${project.name}-ctrl-c`);
    interrupted.child.kill('SIGINT');
    expect((await interrupted.ended).code).toBe(1);
    await noneLeft(docker.client, project);

    const killed = project.start('run', p('slowly'), '--id', `${project.name}-killed-run`);
    await begun(`${project.name}-killed-run`);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect((await containersOf(docker.client, project)).length).toBe(1);
    expect((await project.flowyml('down')).stdout).toMatch(/Stopped: container flowyml\./);
    expect(await containersOf(docker.client, project)).toEqual([]);
  });

  it('fail with the reason where their image cannot run them, or has not been built', async (context) => {
    if (missing) return context.skip(missing);
    project.write('none.Dockerfile', 'FROM local/node:20\nWORKDIR /app\nCOPY . .\n');
    project.write(
      'pipelines/q.ts',
      `
import { pipeline, step } from 'flowyml';
const docker = { dockerfile: 'none.Dockerfile' };
export const without = pipeline('without', { steps: [step({ name: 'a', group: 'bare', docker }, () => {})] });
export const nowhere = pipeline('nowhere', { steps: [step({ name: 'a', group: 'bare', docker: { ...docker, baseImage: 'x' } }, () => {})] });
`,
    );
    const { code, result } = await runOf(project, 'pipelines/q.ts#without');
    expect(code).toBe(1);
    expect(result.steps.a?.error).toMatchObject({ type: 'CannotStart' });
    expect(result.steps.a?.error?.message).toMatch(/Cannot find module '\/app\/node_modules\/flowyml/);

    const session = await project.session();
    const worker = project.start('worker', 'pipelines/q.ts');
    await worker.until(/ serves /);
    const handle = await session.temporal.client.workflow.start('nowhere', {
      workflowId: `${project.name}-nowhere`,
      taskQueue: project.name,
      args: [{}],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining("its image has not been built: run 'flowyml stack apply boxes'") },
    });
    worker.child.kill('SIGTERM');
    await worker.ended;
  });

  it('take their images from a registry, where `stack apply` has pushed them', async (context) => {
    const lacking = missing ?? registryMissing();
    if (lacking) return context.skip(lacking);
    const registry = await startRegistry({ auth: true });
    try {
      const yaml = readFileSync(join(project.root, 'flowyml.yaml'), 'utf8');
      const shared = `  shared: { type: local, executor: docker, container_registry: { type: registry, uri: ${registry.host}/team } }\n`;
      project.write('flowyml.yaml', yaml.replace('stacks:\n', `stacks:\n${shared}`));
      const apply = (...args: string[]) => project.flowyml('stack', 'apply', 'shared', 'pipelines/p.ts', ...args);
      project.env.DOCKER_CONFIG = project.root;
      const refused = await apply();
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.stderr).toContain(`docker login ${registry.host}`);

      project.write('config.json', loggedIn(registry.host, USER.username, USER.password));
      const planned = await apply('--dry-run');
      expect(planned.stderr).toMatch(/would build \S+ from data\.Dockerfile, and push it/);
      expect(registry.requests().some((line) => line.startsWith('PUT'))).toBe(false);
      const { code, stdout, stderr } = await apply('--json');
      expect(code, stderr).toBe(0);
      const images = JSON.parse(stdout) as { groups: string[]; reference: string; pushed: boolean }[];
      const of = (group: string) => images.find(({ groups }) => groups.includes(group));
      expect(of('data')).toBe(of('default'));
      expect(images.map(({ pushed }) => pushed)).toEqual([true, true]);
      for (const { reference } of images) expect(reference).toMatch(new RegExp(`^${registry.host}/team/\\S+@sha256:[0-9a-f]{64}$`));
      const pushes = registry.requests().filter((line) => line.startsWith('PUT')).length;
      const again = await apply();
      expect(again.stdout).toMatch(/training\s+\S+@sha256:[0-9a-f]{64}\s+unchanged/);
      expect(registry.requests().filter((line) => line.startsWith('PUT'))).toHaveLength(pushes);

      // Whoever starts a run, in whatever language: its containers are of these images.
      const session = await project.session();
      const worker = project.start('worker', '--stack', 'shared', 'pipelines/p.ts');
      await worker.until(/ serves /);
      const runId = `${project.name}-bare`;
      await session.temporal.client.workflow.execute('training', {
        workflowId: runId,
        taskQueue: project.name,
        args: [{ stack: 'shared', recompute: ['train'] }],
      });
      const run = await findRun(session.db, runId);
      const plan = run && (await findPlan(session.db, run.planHash));
      expect(Object.values(plan?.workers ?? {}).map(({ image }) => image)).toEqual(expect.arrayContaining([of('training')?.reference]));
      worker.child.kill('SIGTERM');
      await worker.ended;
      await noneLeft(docker.client, project);
    } finally {
      await registry.stop();
    }
  });

  /** The containers in which a run's step has begun. */
  async function begun(runId: string) {
    await until(async () => (await project.flowyml('runs', 'logs', runId)).stdout.includes('begun'), `the step of ${runId}`, 60_000);
    return containersOf(docker.client, project);
  }
});

/** What runs inside of containers outlives a Docker server that is killed, unless it goes down with it. */
async function processesOf(project: TestProject): Promise<{ pid: number }[]> {
  const { readdirSync, readFileSync } = await import('node:fs');
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const isIts = readFileSync(`/proc/${name}/environ`, 'utf8').includes(`"project":"${project.name}"`);
      return isIts ? [{ pid: Number(name) }] : [];
    } catch {
      return [];
    }
  });
}
