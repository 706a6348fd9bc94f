import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { DCLinter } from 'dclint';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTE_TYPES, serverArguments } from '../../services/temporal/arguments.ts';
import { findTemporalBinary, temporalCandidates } from '../../services/temporal/binary.ts';
import { registerSearchAttributes } from '../../services/temporal/search-attributes.ts';
import { makeProject, type RunningCommand, type TestProject, until } from '../support/project.ts';
import { CLONE, COMPOSE_FILE, type ComposeService, composeFile, variables } from './compose-file.ts';

const run = promisify(execFile);
const { services, volumes } = composeFile({ POSTGRES_PASSWORD: 'secret' });
const entries = Object.entries(services);
// They end by themselves when they have done what they are for.
const ONCE = ['temporal-schema', 'temporal-namespace'];

describe('docker-compose.yml', () => {
  it('is what the Compose Specification knows, and well kept', () => {
    // The order is ours; an image that is built here has a name, so that it can be pushed.
    const orders = ['service-keys', 'services-alphabetical', 'service-dependencies-alphabetical', 'top-level-properties'];
    const ours = [...orders.map((order) => `${order}-order`), 'no-build-and-image'];
    const rules = { ...Object.fromEntries(ours.map((rule) => [rule, 0])), 'require-quotes-in-ports': [2, { quoteType: 'double' }] };
    const linter = new DCLinter({ rules, exclude: [], quiet: true, debug: false });
    const results: { messages: { line: number; message: string }[] }[] = linter.lintFiles([COMPOSE_FILE], false);
    const messages = results.flatMap((each) => each.messages);
    expect(results).toHaveLength(1);
    expect(messages.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  it('needs a password, and env.example names every variable', () => {
    expect(() => composeFile({})).toThrow('POSTGRES_PASSWORD');
    const example = readFileSync(`${CLONE}compose/env.example`, 'utf8');
    const named = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(variables().sort());
    const defaults = composeFile({ POSTGRES_PASSWORD: 'secret' });
    const stated = [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].filter(
      ([, name]) => !['FLOWYML_STORE', 'FLOWYML_STACK'].includes(name ?? ''),
    );
    const env = Object.fromEntries(stated.map(([, name, value]) => [name, value] as [string, string]));
    expect(composeFile({ ...env, POSTGRES_PASSWORD: 'secret' })).toEqual(defaults);
  });

  it('tells every service when it is well, or that it is done, and comes back after a crash', () => {
    for (const [name, service] of entries) {
      const once = ONCE.includes(name);
      expect(Boolean(service.healthcheck), name).toBe(!once);
      expect(service.restart, name).toBe(once ? 'on-failure:5' : 'unless-stopped');
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {}))
        expect(condition, `${name}: ${other}`).toBe(ONCE.includes(other) ? 'service_completed_successfully' : 'service_healthy');
    }
  });

  it('opens ports to this machine alone, and keeps what must last in volumes', () => {
    for (const port of entries.flatMap(([, service]) => service.ports ?? [])) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(Object.keys(volumes)).toEqual(['postgresql', 'artifacts']);
    expect(services.postgresql?.volumes).toEqual(['postgresql:/var/lib/postgresql/data']);
    expect(services.worker?.volumes).toEqual(['artifacts:/app/.flowyml/artifacts']);
  });

  it('gives Temporal the settings of our own server', () => {
    const file = parse(readFileSync(`${CLONE}compose/temporal-dynamic-config.yaml`, 'utf8')) as Record<string, { value: unknown }[]>;
    const args = serverArguments('db', 1, 2, true);
    const ours = args.flatMap((arg, i) => (arg === '--dynamic-config-value' ? [args[i + 1]?.split('=') as [string, string]] : []));
    expect(Object.fromEntries(Object.entries(file).map(([key, values]) => [key, values[0]?.value]))).toEqual(
      Object.fromEntries(ours.map(([key, value]) => [key, JSON.parse(value)])),
    );
    expect(services.temporal?.environment?.DYNAMIC_CONFIG_FILE_PATH).toBe('/compose/temporal-dynamic-config.yaml');
    expect(services.temporal?.volumes).toEqual(['./compose:/compose:ro']);
  });
});

// With the servers of the tests in place of its own.
describe('the services of docker-compose.yml that are ours', () => {
  const worker = services.worker as ComposeService;
  let project: TestProject;
  let serving: RunningCommand;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    project = await makeProject({
      'pipelines/sums.ts': `
        import { pipeline, step } from 'flowyml';
        import { z } from 'zod';
        const add = step({ name: 'add', group: 'sums', outputs: { sum: z.number() } }, () => { console.log('in', process.pid); return 42; });
        export default pipeline('sums', { steps: [add] });
      `,
    });
  });
  afterAll(() => project.remove());

  it('make the namespace with what runs are searched by, and may be run again', async () => {
    const namespace = project.name;
    const { path } = await findTemporalBinary(
      process.env,
      temporalCandidates(process.env, () => {}),
    );
    const command = services['temporal-namespace']?.command?.[0]?.replace(/^\/compose\//, `${CLONE}compose/`) as string;
    const environment = {
      ...services['temporal-namespace']?.environment,
      PATH: `${path.replace(/\/[^/]+$/, '')}:${process.env.PATH}`,
      TEMPORAL_ADDRESS: project.env.TEMPORAL_ADDRESS,
      TEMPORAL_NAMESPACE: namespace,
    };
    for (let time = 0; time < 2; time++) {
      const { stdout } = await run('/bin/sh', [command], { env: environment });
      expect(stdout).toBe(`Namespace ${namespace} is ready for flowyml\n`);
    }
    const connection = await Connection.connect({ address: project.env.TEMPORAL_ADDRESS as string });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    expect(Object.values(config?.customSearchAttributeAliases ?? {}).sort()).toEqual(Object.keys(SEARCH_ATTRIBUTE_TYPES).sort());
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    // Of the right types too: nothing is missing, and nothing stands in the way.
    expect(await registerSearchAttributes(connection, namespace)).toEqual([]);
    await connection.close();
  });

  it('start a worker that its health check finds well', async () => {
    const given: Record<string, string> = {
      TEMPORAL_ADDRESS: project.env.TEMPORAL_ADDRESS as string,
      TEMPORAL_NAMESPACE: project.name,
      FLOWYML_DATABASE_URL: project.databaseUrl,
      FLOWYML_HEALTH_PORT: String(await getPort()),
    };
    // Nothing but what the file gives it.
    expect(Object.keys(worker.environment ?? {})).toEqual(expect.arrayContaining(Object.keys(given)));
    env = { PATH: process.env.PATH, HOME: project.root, ...worker.environment, ...given };
    Object.assign(project.env, Object.fromEntries(Object.keys(project.env).map((name) => [name, undefined])), env);
    const [node, bin, ...args] = worker.command ?? [];
    expect([node, bin]).toEqual(['node', 'node_modules/flowyml/bin/flowyml.mjs']);
    const healthy = () =>
      check(worker, env).then(
        () => true,
        () => false,
      );
    expect(await healthy()).toBe(false);
    serving = project.start(...args);
    await until(healthy, 'the health check', 30_000, serving.output);
    expect(serving.output()).toContain(`"project":"${project.name}"`);
  });

  it('runs what is started outside, and lets its steps end when it is stopped', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/sums.ts', '--json');
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ status: 'succeeded', steps: { add: { status: 'succeeded', outputs: { sum: { value: 42 } } } } });
    await serving.until(new RegExp(`"run":"${result.runId}".*"msg":"run succeeded"`));
    const { stdout: found } = await project.flowyml('runs', 'list', '--json');
    expect(JSON.parse(found)).toHaveLength(1);
    serving.child.kill('SIGTERM');
    expect((await serving.ended).code).toBe(0);
    await expect(check(worker, env)).rejects.toThrow();
  });
});

/** What Docker runs in the container to learn whether it is healthy. */
function check({ healthcheck }: ComposeService, env: NodeJS.ProcessEnv) {
  const [kind, command, ...args] = healthcheck?.test ?? [];
  expect(kind).toBe('CMD');
  return run(command === 'node' ? process.execPath : String(command), args, { env, timeout: 5000 });
}
