import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';

// Who serves a run: workers of some groups, of other processes, and the run's own.
const pipelines = (ledger: string) => `
import { appendFileSync, existsSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ledger = (line) => appendFileSync(${JSON.stringify(ledger)}, line + '\\n');
const served = (name, group) => step({ name, ...(group ? { group } : {}) }, () => ledger(name + ' ' + process.ppid));

export const grouped = pipeline('grouped', { steps: [served('free'), served('burn', 'gpu'), served('count', 'cpu')] });

export const long = pipeline('long', { steps: [
  step({ name: 'once' }, () => ledger('once')),
  step({ name: 'nap', after: ['once'], params: { gate: z.string() } }, async ({ gate }) => {
    ledger('nap');
    while (!existsSync(gate)) await nap(50);
  }),
] });
`;
const BROKEN = `import x from 'nowhere-to-be-found';\nexport default x;\n`;
const CIRCLE = `import { pipeline, step } from 'flowyml'; import { z } from 'zod';
export default pipeline('circle', { steps: [step({ name: 'a', inputs: { b: z.number() }, outputs: { c: z.number() } }, () => 1)] as never });`;
const TWIN = `import { pipeline, step } from 'flowyml'; export const long = pipeline('long', { steps: [step({ name: 'other' }, () => {})] });`;

let project: TestProject;
const started: RunningCommand[] = [];
beforeAll(async () => {
  project = await makeProject({ 'pipelines/broken.ts': BROKEN, 'pipelines/circle.ts': CIRCLE, 'pipelines/twin.ts': TWIN });
  project.write('pipelines/p.ts', pipelines(file()));
});
afterEach(async () => {
  // Ended, not killed: a killed worker's tasks wait for its heartbeat.
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
});
afterAll(() => project.remove());

const file = () => join(project.root, 'ledger');
const ledger = () => (existsSync(file()) ? readFileSync(file(), 'utf8').trim().split('\n') : []);
const start = (...args: string[]) => {
  const running = project.start(...args);
  started.push(running);
  return running;
};

describe('flowyml worker', () => {
  it('is strict about the modules of its project', async () => {
    const { code, stderr } = await project.flowyml('worker');
    expect(code).toBe(2);
    expect(stderr).toContain("pipelines/broken.ts imports 'nowhere-to-be-found', which is not installed");
  });
});

describe('a run', () => {
  it('serves the groups that no other worker serves, and leaves out modules that cannot be served', async () => {
    project.write('flowyml.yaml', `project: ${project.name}\npipelines: pipelines/p.ts\n`);
    const gpu = start('worker', '--group', 'gpu', '--concurrency', '1');
    await gpu.until(/ serves .* on .*\.local\.gpu$/m);
    project.write('flowyml.yaml', `project: ${project.name}\n`);
    const status = await project.flowyml('status');
    expect(status.stdout).toMatch(/^Worker +pid \d+ \(foreground\), serves .*grouped.*; groups gpu$/m);
    const { code, stderr } = await project.flowyml('run', 'pipelines/p.ts#grouped');
    expect(code, stderr).toBe(0);
    const by = Object.fromEntries(ledger().map((line) => line.split(' ')));
    expect(by.burn).toBe(String(gpu.child.pid));
    expect(by.count).toBe(by.free);
    expect(by.count).not.toBe(by.burn);
    expect(stderr).toContain("Not served: pipelines/broken.ts imports 'nowhere-to-be-found'");
    expect(stderr).toContain("Not served: pipeline 'circle': step 'a': no step produces input 'b'");
    expect(stderr).toMatch(/Not served: pipeline 'long' of .*twin\.ts, as .*p\.ts has one of that name/);
    expect(gpu.output()).not.toMatch(/warn/);
  });

  it('goes on in its own process when the worker that served it is killed', async () => {
    const call = ['run', 'pipelines/p.ts#long', '--id', `${project.name}-a`, '-p', `gate=${join(project.root, 'open-a')}`, '--json'];
    const doomed = project.start(...call);
    await until(() => ledger().includes('nap'), 'the step to run', 60_000, doomed.output);
    const running = start(...call);
    await running.until(/^long {2}nap {2}running/m, 60_000);
    doomed.child.kill('SIGKILL');
    project.write('open-a', '');
    const { code, stdout, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('The worker that served this run is gone: it goes on in this process');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded', steps: { once: { attempts: 1 }, nap: { attempts: 2 } } });
    expect(ledger().filter((line) => line === 'once')).toHaveLength(1);
  });

  it('in the background goes on when the command has ended; status shows its worker, down ends it', async () => {
    const call = ['run', 'pipelines/p.ts#long', '--id', `${project.name}-b`, '-p', `gate=${join(project.root, 'open-b')}`, '--no-cache'];
    // It comes back though the run cannot end yet.
    const { code, stdout, stderr } = await project.flowyml(...call, '--detach', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ runId: `${project.name}-b`, pipeline: 'long', status: 'running' });
    const status = JSON.parse((await project.flowyml('status', '--json')).stdout);
    expect(status).toMatchObject({
      project: project.name,
      temporal: { running: true, embedded: false },
      postgres: { running: true, embedded: false },
      workers: [
        {
          kind: 'background',
          pid: expect.any(Number),
          log: expect.stringContaining('.flowyml/logs/worker-'),
          pipelines: expect.arrayContaining(['long', 'grouped']),
        },
      ],
    });
    project.write('open-b', '');
    const followed = await project.flowyml(...call);
    expect(followed.code, followed.stderr).toBe(0);
    expect(followed.stdout).toContain(`Run ${project.name}-b of long`);
    const down = await project.flowyml('down');
    expect(down).toMatchObject({ code: 0, stdout: `Stopped: worker (pid ${status.workers[0].pid})\n` });
    expect(JSON.parse((await project.flowyml('status', '--json')).stdout).workers).toEqual([]);
  });
});
