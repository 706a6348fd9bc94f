import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';
import { type Relay, startRelay } from './relay.ts';

// A worker whose servers go away and come back, as an orchestrator's probes see it; and its log for people.
const PIPELINES = `
import { pipeline, step } from 'flowyml';
export const sound = pipeline('sound', { steps: [step({ name: 'load' }, () => { console.log('printed line'); })] });
export const flaky = pipeline('flaky', { steps: [
  step({ name: 'trips', retry: { maxAttempts: 2, initialInterval: 10 } }, (_, run) => { throw new TypeError('trip ' + run.attempt); }),
] });
`;

let project: TestProject;
let worker: RunningCommand;
let url: string;
const relays: Record<string, Relay> = {};
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINES });
  const direct = { ...project.env };
  const database = new URL(project.databaseUrl);
  const [host = '', port] = (project.env.TEMPORAL_ADDRESS ?? '').split(':');
  relays.PostgreSQL = await startRelay({ host: database.hostname, port: Number(database.port) });
  relays.Temporal = await startRelay({ host, port: Number(port) });
  database.host = `127.0.0.1:${relays.PostgreSQL.port}`;
  Object.assign(project.env, {
    FLOWYML_DATABASE_URL: database.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${relays.Temporal.port}`,
    FLOWYML_HEALTH_PORT: '0',
  });
  worker = project.start('worker', '--bind', '127.0.0.1');
  // The commands below reach the servers in any case.
  Object.assign(project.env, direct);
  delete project.env.FLOWYML_HEALTH_PORT;
  const said = await worker.until(/ serves /);
  url = /Health: (\S+)\/healthz/.exec(said)?.[1] ?? '';
});
afterAll(async () => {
  await project.remove();
  await Promise.all(Object.values(relays).map((relay) => relay.cut()));
});

const ask = async (path: string) => {
  const response = await fetch(`${url}${path}`);
  return { code: response.status, ...((await response.json()) as { status: string; problems: string[] }) };
};
const ready = async () => (await ask('/readyz')).code === 200;

describe('a worker', () => {
  it('says in words what went wrong, and nothing of what goes well', async () => {
    expect((await project.flowyml('run', 'pipelines/p.ts#sound')).code).toBe(0);
    const { stdout } = await project.flowyml('run', 'pipelines/p.ts#flaky', '--json');
    const { runId } = JSON.parse(stdout);
    const said = await worker.until(/run failed/);
    const lines = said.split('\n').filter((line) => line.includes('run '));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z /);
    expect(lines).toEqual([time, time, time]);
    expect(lines.map((line) => line.replace(/^\S+ /, '').replace(/\d+ ms/, 'N ms'))).toEqual([
      `warn: attempt failed and is retried (run ${runId}, step trips, attempt 1, N ms): TypeError: trip 1`,
      `error: attempt failed (run ${runId}, step trips, attempt 2, N ms): TypeError: trip 2`,
      expect.stringContaining(`error: run failed (run ${runId}): TypeError: `),
    ]);
    expect(said).not.toContain('printed line');
  });

  it.each(['PostgreSQL', 'Temporal'])('is alive and not ready while %s is away', async (name) => {
    await until(ready, 'the worker to be ready', 30_000, worker.output);
    await relays[name]?.cut();
    await until(async () => !(await ready()), 'the worker not to be ready', 30_000, worker.output);
    const away = await ask('/readyz');
    expect(away).toMatchObject({ code: 503, status: 'not ready' });
    expect(away.problems).toEqual([expect.stringMatching(`^${name} does not answer: .+`)]);
    expect(await ask('/healthz')).toMatchObject({ code: 200 });
    await relays[name]?.mend();
    await until(ready, 'the worker to be ready again', 30_000, worker.output);
  });
});

describe('flowyml worker', () => {
  it.each([
    [['--health-port', '70000'], '--health-port: 70000 is not a port: ports go up to 65535'],
    [['--metrics-port', 'x'], '--metrics-port: "x" is not a whole number of at least 0'],
    [['--metrics-port', '9464', '--health-port', '9464'], '--metrics-port and --health-port are both 9464: give each its own'],
    [['--health-port', '0', '--bind', '192.0.2.1'], '--bind 192.0.2.1: this machine has no such address: expected one of its own'],
    [['--log-format', 'xml'], "argument 'xml' is invalid. Allowed choices are text, json."],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await project.flowyml('worker', ...options);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
