import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clientOf, type FlowymlClient } from '../client/index.ts';
import { migrateDatabase, openDatabase } from '../metadata/index.ts';
import { type Duration, milliseconds } from '../pipelines/duration.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import { ensureServices, findTestServer, stopServices } from '../services/index.ts';
import { findProject } from '../stacks/project.ts';
import { createWorker } from '../workers/index.ts';
import { installRuntime } from '../workers/runtime.ts';

export interface TestEnvironmentOptions {
  /** The pipelines to serve. */
  pipelines: readonly AnyPipeline[];
  /** Gets a line for whatever takes long, such as fetching the server. */
  onProgress?: (line: string) => void;
}

/** Temporal, PostgreSQL and a worker for a test, with a clock that skips what nobody needs to wait for. */
export interface TestEnvironment {
  readonly client: FlowymlClient;
  /** The server's time. */
  now(): Promise<Date>;
  /** Lets that much of the server's time pass, at once where nothing happens in it. */
  sleep(duration: Duration): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts Temporal's time-skipping test server, a PostgreSQL in a temporary folder, and a worker in this process: runs are
 * real ones, but while a test awaits a run's result, weeks of waiting (for a person, for the next attempt) pass at once.
 * The server knows no schedules and lists no runs.
 * @throws ServiceUnavailable if one of them cannot be started
 *
 * @example
 * const environment = await createTestEnvironment({ pipelines: [release] });
 * const run = await environment.client.start(release);
 * expect((await run.result()).step('review').approval).toMatchObject({ by: 'timeout' }); // it had a week
 * await environment.close();
 */
export async function createTestEnvironment({ pipelines, onProgress = () => {} }: TestEnvironmentOptions): Promise<TestEnvironment> {
  const [first] = pipelines;
  if (!first?.file) throw new UsageError('createTestEnvironment() needs pipelines that are made in files, so that workers can load them');
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  installRuntime(() => {});
  const path = await findTestServer(process.env, onProgress);
  const server = path === undefined ? {} : { server: { executable: { type: 'existing-path' as const, path } } };
  const temporal = await TestWorkflowEnvironment.createTimeSkipping(server);
  const root = mkdtempSync(join(tmpdir(), 'flowyml-test-environment-'));
  const undo: (() => Promise<unknown>)[] = [
    () => temporal.teardown(),
    async () => {
      await stopServices({ root, purge: true });
      rmSync(root, { recursive: true, force: true });
    },
  ];
  const close = async () => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  try {
    const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_CONFIG_FILE: '', FLOWYML_DATABASE_URL: '' };
    const found = findProject(dirname(first.file));
    const project = { ...found, name: 'test', artifactPath: join(root, 'artifacts') };
    const services = await ensureServices({ root, project: project.name, env, onProgress });
    await migrateDatabase(services.postgres.url);
    const db = openDatabase(services.postgres.url);
    undo.push(() => db.close());
    const worker = await createWorker({
      project,
      temporal: services.temporal,
      databaseUrl: services.postgres.url,
      pipelines: pipelines.map((pipeline) => ({ pipeline, module: pipeline.file ?? '' })),
    });
    const running = worker.run();
    running.catch(() => {});
    undo.push(async () => {
      worker.shutdown();
      await running;
    });
    const { client, connection } = temporal;
    const session = { project, services, db, temporal: { client, connection, close: async () => {} }, close };
    return {
      client: clientOf(session),
      now: async () => new Date(await temporal.currentTimeMs()),
      sleep: (duration) => temporal.sleep(milliseconds(duration, 'sleep')),
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
