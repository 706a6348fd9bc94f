import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureServices, stopServices } from '../../services/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalAddress: string;
    temporalUi: string;
    /** Of the server's own database: tests make one each beside it. */
    postgresUrl: string;
  }
}

/** One Temporal server and one PostgreSQL for the whole run; each test file has its own project name and database on them. */
export default async function setup(vitest: TestProject): Promise<() => Promise<void>> {
  const root = mkdtempSync(join(tmpdir(), 'flowyml-test-services-'));
  const { TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL, ...env } = process.env;
  const services = await ensureServices({ root, project: 'test', env, onProgress: (line) => console.log(line) });
  vitest.provide('temporalAddress', services.temporal.address);
  vitest.provide('temporalUi', services.temporal.ui ?? '');
  vitest.provide('postgresUrl', services.postgres.url);
  return async () => {
    await stopServices({ root, purge: true });
    rmSync(root, { recursive: true, force: true });
  };
}
