import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, describe, expect, it } from 'vitest';
import { doctor, ensureServices, findServices, registerSearchAttributes, servicesStatus, stopServices } from '../../services/index.ts';
import { runCommand } from '../../services/run-command.ts';
import { findTemporalBinary, temporalCandidates } from '../../services/temporal/binary.ts';
import { env, killHard, projects } from './project.ts';

const { make, lines, end } = projects({ keep: true });
const options = make();
afterAll(end);

async function temporal(...args: string[]): Promise<string> {
  const { path } = await findTemporalBinary(
    env,
    temporalCandidates(env, () => {}),
  );
  const address = (await ensureServices(options)).temporal.address;
  return runCommand(path, [...args, '--address', address], { env });
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const sql = postgres((await ensureServices(options)).postgres.url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

// In order: one set of services for all.
describe.sequential('the services of a project', () => {
  it('are not there at first, and looking starts nothing', async () => {
    expect(await findServices(options)).toBeUndefined();
    expect(await servicesStatus(options)).toEqual({
      temporal: { running: false, embedded: true },
      postgres: { running: false, embedded: true },
      workers: [],
    });
    expect(await stopServices(options)).toEqual([]);
    expect((await doctor(options)).filter(({ ok }) => !ok)).toEqual([]);
    expect(existsSync(join(options.root, '.flowyml'))).toBe(false);
  });

  it('start, and can be used', async () => {
    const services = await ensureServices(options);
    expect(services.temporal).toMatchObject({ namespace: 'default', embedded: true });
    await temporal('workflow', 'start', '--type', 'training', '--task-queue', 'none', '--workflow-id', 'kept');
    await query('create table kept (n int)');
    await query('insert into kept values (42)');
    expect((await fetch(services.temporal.ui ?? '')).status).toBe(200);
  });

  it('are found again, fast, and a second ensure changes nothing', async () => {
    const before = await servicesStatus(options);
    const begin = performance.now();
    const found = await findServices(options);
    const ensured = await ensureServices(options);
    expect(performance.now() - begin).toBeLessThan(500); // 2 ms on a quiet machine
    expect(ensured).toEqual(found);
    expect(await servicesStatus(options)).toEqual(before);
    expect(before.temporal).toMatchObject({ address: found?.temporal.address, ui: found?.temporal.ui, running: true });
    expect(before.postgres).toMatchObject({ url: found?.postgres.url, running: true });
    expect((await doctor(options)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('have what runs need: search attributes, a long retention, the measured settings', async () => {
    const namespace = JSON.parse(await temporal('operator', 'namespace', 'describe', 'default', '--output', 'json'));
    expect(Object.values(namespace.config.customSearchAttributeAliases).sort()).toEqual(
      ['FlowymlFailedStep', 'FlowymlProject', 'FlowymlStack', 'FlowymlStatus', 'FlowymlTags'].sort(),
    );
    expect(namespace.config.workflowExecutionRetentionTtl).toBe(`${30 * 24 * 3600}s`);
    const { pid } = (await servicesStatus(options)).temporal;
    const commandLine = (await runCommand('ps', ['-ww', '-o', 'args=', '-p', String(pid)])).trim();
    expect(commandLine).toContain('history.transferProcessorMaxPollRPS=2000');
    expect(commandLine).toContain('history.defaultWorkflowTaskTimeout="2s"');
    expect(commandLine).toContain('history.workflowTaskRetryMaxInterval="2s"');
    expect(commandLine).toContain('history.timerProcessorMaxTimeShift="10ms"');
    expect(await query('show fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('keep the password to their user', async () => {
    const data = join(options.root, '.flowyml', 'postgres');
    expect(statSync(join(data, 'flowyml.password')).mode & 0o777).toBe(0o600);
    const { port } = new URL((await ensureServices(options)).postgres.url);
    const stranger = postgres(`postgres://flowyml:wrong@127.0.0.1:${port}/flowyml`, { max: 1 });
    await expect(stranger`select 1`).rejects.toMatchObject({ code: '28P01' });
    await stranger.end();
  });

  it('register search attributes in a namespace that is not ours, once', async () => {
    const { address } = (await ensureServices(options)).temporal;
    await temporal('operator', 'namespace', 'create', 'other');
    const connection = await Connection.connect({ address });
    expect((await registerSearchAttributes(connection, 'other')).length).toBe(5);
    expect(await registerSearchAttributes(connection, 'other')).toEqual([]);
    await expect(registerSearchAttributes(connection, 'nowhere')).rejects.toThrow(/namespace nowhere.*FlowymlTags=KeywordList/s);
    await connection.close();
  });

  it.each([['temporal'], ['postgres'], ['temporal', 'postgres']] as const)(
    'come back after kill -9 of %s %s, with all data',
    async (...killed) => {
      const before = await servicesStatus(options);
      for (const service of killed) await killHard(before[service].pid);
      expect(await findServices(options)).toBeUndefined();
      const services = await ensureServices(options);
      expect([services.temporal.address, services.postgres.url]).toEqual([before.temporal.address, before.postgres.url]);
      expect(await query('select n from kept')).toEqual([{ n: 42 }]);
      expect(await temporal('workflow', 'describe', '--workflow-id', 'kept')).toContain('training');
    },
  );

  it('are found by their command lines if services.json is lost', async () => {
    const before = await servicesStatus(options);
    rmSync(join(options.root, '.flowyml', 'services.json'));
    await ensureServices(options);
    expect(await servicesStatus(options)).toEqual(before);
  });

  it('can have a second PostgreSQL elsewhere, which a purge leaves alone', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'flowyml-data-'));
    const before = await ensureServices(options);
    const other = await ensureServices({ ...options, postgresDir: elsewhere });
    expect(other.temporal).toEqual(before.temporal);
    expect(other.postgres.url).not.toBe(before.postgres.url);

    expect(await stopServices({ ...options, purge: true })).toEqual(['Temporal', 'PostgreSQL']);
    expect(existsSync(join(options.root, '.flowyml'))).toBe(false);
    expect(existsSync(join(elsewhere, 'postmaster.pid'))).toBe(false);
    expect(readFileSync(join(elsewhere, 'PG_VERSION'), 'utf8').trim()).toBe('18');
    rmSync(elsewhere, { recursive: true });
    expect(await stopServices(options)).toEqual([]);
    expect(lines).toContain('Starting PostgreSQL');
  });
});
