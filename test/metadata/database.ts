import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { AttemptStart, Database, StepEnd, StepKey } from '../../metadata/index.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';

/** A database for one test file, on the server that all share. */
export function useDatabase(): { readonly db: Database; readonly url: string } {
  let project: TestProject;
  let db: Database;
  beforeAll(async () => {
    project = await makeProject();
    ({ db } = await project.session());
  });
  afterAll(() => project.remove());
  return {
    get db() {
      return db;
    },
    get url() {
      return project.databaseUrl;
    },
  };
}

/** The key of a step in a run that nobody else has. */
export const newKey = (step = 'train'): StepKey => ({ runId: `run-${randomUUID()}`, executionId: randomUUID(), step });

/** A small inline artifact; the same text gives the same hash. */
export function ref(value: JsonValue, seed = JSON.stringify(value)): ArtifactRef {
  const sha256 = Buffer.from(seed).toString('hex').padEnd(64, '0').slice(-64);
  return { sha256, type: 'json', size: JSON.stringify(value).length, value, preview: JSON.stringify(value).slice(0, 120) };
}

export const succeeded = (outputs: Record<string, ArtifactRef> = {}, attempts = 1): StepEnd => ({
  status: 'succeeded',
  attempts,
  durationMs: 12.5,
  outputs,
});

export const failed = (message = 'no such column', attempts = 1): StepEnd => ({
  status: 'failed',
  attempts,
  durationMs: 3,
  outputs: {},
  error: { type: 'TypeError', message },
});

/** The attempt that was started; an end is a mistake of the test. */
export function started(start: AttemptStart) {
  if ('attempt' in start) return start;
  throw new Error(`no attempt was started: ${JSON.stringify(start)}`);
}

/**
 * Runs `write` so that it meets another transaction's row: `first` is written and stays open until `write` waits for it.
 */
export async function behind<T>(db: Database, first: (sql: Database['client']) => Promise<unknown>, write: () => Promise<T>): Promise<T> {
  let second: Promise<T> | undefined;
  await db.client.begin(async (sql) => {
    await first(sql as unknown as Database['client']);
    second = write();
    await untilBlocked(db);
  });
  return second as Promise<T>;
}

async function untilBlocked(db: Database): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const [row] =
      await db.client`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if (row?.n > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing waits for a lock');
}
