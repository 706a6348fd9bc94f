import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from '../support/project.ts';

// The project's own services, through the command alone: nothing of the other tests' servers.
let project: TestProject;
let taken: Server;
let port: string;
beforeAll(async () => {
  project = await makeProject();
  delete project.env.TEMPORAL_ADDRESS;
  delete project.env.FLOWYML_DATABASE_URL;
  project.write(
    'pipelines/hello.ts',
    `import { pipeline, step } from 'flowyml'; export default pipeline('hello', { steps: [step({ name: 'hello' }, () => 'world')] });`,
  );
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  port = String((taken.address() as { port: number }).port);
});
afterAll(async () => {
  taken.close();
  await project.flowyml('down', '--purge');
  await project.remove();
});

const status = async () => JSON.parse((await project.flowyml('status', '--json')).stdout);

describe('the services of a project', () => {
  it('do not start on a port that is taken', async () => {
    const { code, stdout, stderr } = await project.flowyml('up', '--temporal-port', port);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`Port ${port}, asked for Temporal, is taken by another process`);
  });

  it('are started once by two runs at the same moment, and stay', async () => {
    const runs = await Promise.all([1, 2].map(() => project.flowyml('run', 'pipelines/hello.ts', '--json', '--no-cache')));
    for (const { code, stdout, stderr } of runs) {
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded' });
    }
    const now = await status();
    expect(now).toMatchObject({
      project: project.name,
      temporal: {
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        ui: expect.stringMatching(/^http:/),
        running: true,
        embedded: true,
      },
      postgres: { url: expect.stringMatching(/^postgres:/), running: true, embedded: true },
      workers: [],
    });
    const list = JSON.parse((await project.flowyml('runs', 'list', '--json')).stdout);
    expect(list).toHaveLength(2);
  });

  it('come back by themselves after a kill -9, with all that they knew', async () => {
    const { temporal, postgres } = await status();
    for (const { pid } of [temporal, postgres]) process.kill(pid, 'SIGKILL');
    const gone = await project.flowyml('runs', 'list');
    expect(gone).toMatchObject({ code: 2, stderr: expect.stringContaining("do not run: start them with 'flowyml up'") });
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/hello.ts');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('of hello');
    expect(stderr).toContain("Temporal and PostgreSQL stay up; 'flowyml down' stops them.");
    expect(JSON.parse((await project.flowyml('runs', 'list', '--json')).stdout)).toHaveLength(3);
  });

  it('are checked by doctor, and stopped by down', async () => {
    const doctor = await project.flowyml('doctor', '--json');
    expect(doctor.code).toBe(0);
    const checks = JSON.parse(doctor.stdout) as { name: string; ok: boolean; detail: string }[];
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['Node.js', 'Temporal', 'PostgreSQL', 'disk space']));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    const down = await project.flowyml('down');
    expect(down).toMatchObject({ code: 0, stdout: 'Stopped: Temporal, PostgreSQL\n', stderr: '' });
    expect(await status()).toMatchObject({ temporal: { running: false }, postgres: { running: false }, workers: [] });
    expect(await project.flowyml('down')).toMatchObject({ code: 0, stdout: 'Nothing was running.\n' });
  });
});
