import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { outage } from '../../client/outage.ts';
import { awaitRun } from '../../client/runs.ts';
import type { Session } from '../../client/session.ts';
import { runToEnd, type Serving } from '../../launch.ts';
import type { Database } from '../../metadata/index.ts';

/** As @temporalio/client throws it when the server has not answered any of its tries. */
const unavailable = () => {
  const grpc = Object.assign(new Error('14 UNAVAILABLE: connect ECONNREFUSED'), {
    code: 14,
    details: 'connect ECONNREFUSED',
    metadata: {},
  });
  return new ServiceError('Failed to get Workflow execution history', { cause: grpc });
};
const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A client whose `result()` does these one after the other. */
function clientOf(...results: (() => unknown)[]): Client {
  const next = async () => results.shift()?.();
  return { workflow: { getHandle: () => ({ result: next }) } } as unknown as Client;
}
const db = {} as Database;
const throws = (error: unknown) => () => {
  throw error;
};
const done = { runId: 'a', status: 'succeeded', steps: {} };

describe('an outage', () => {
  it('is told from mistakes', () => {
    expect(outage(unavailable())?.message).toBe('Temporal does not answer');
    expect(outage(refused())?.message).toBe('PostgreSQL does not answer');
    expect(outage(new Error('any', { cause: refused() }))?.message).toBe('PostgreSQL does not answer');
    expect(outage(new TypeError('a mistake'))).toBeUndefined();
    expect(
      outage(new ServiceError('x', { cause: Object.assign(new Error('7 DENIED'), { code: 7, details: '', metadata: {} }) })),
    ).toBeUndefined();
  });

  it('of Temporal ends a wait for a result as unavailable, and not as a failed run', async () => {
    await expect(awaitRun(clientOf(throws(unavailable())), db, 'a')).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
    });
    await expect(awaitRun(clientOf(throws(new WorkflowNotFoundError('', 'a', undefined))), db, 'a')).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('is waited out by run(), which says so once', async () => {
    const said: string[] = [];
    const session = { temporal: { client: clientOf(throws(unavailable()), throws(unavailable()), () => done) }, db } as unknown as Session;
    expect(await runToEnd(session, 'a', { say: (line) => said.push(line) })).toBe(done);
    expect(said).toEqual(["Temporal does not answer. Run a is not lost: it goes on when that is back ('flowyml up' starts it)"]);
  });

  it('does not hide that the worker failed', async () => {
    const failure = Promise.reject(new Error('the worker failed'));
    failure.catch(() => {});
    const serving = { own: true, failure, stop: async () => {} } satisfies Serving;
    const session = { temporal: { client: clientOf(() => new Promise(() => {})) }, db } as unknown as Session;
    await expect(runToEnd(session, 'a', { serving })).rejects.toThrow('the worker failed');
  });
});
