import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { UsageError } from '../../pipelines/errors.ts';
import { ensureServices, servicesStatus, stopServices } from '../../services/index.ts';
import { projects } from './project.ts';

const { make, lines } = projects();
const strangers: Server[] = [];
afterEach(() => {
  for (const server of strangers.splice(0)) server.close();
});

function listen(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    strangers.push(server);
  });
}

it('refuses a port that was asked for and is taken, by its number', async () => {
  const port = await listen(0);
  const options = make();
  const started = ensureServices({ ...options, ports: { temporal: port } });
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow(new RegExp(`Port ${port}, asked for Temporal, is taken.*choose another`));
  // What could start has started, and is known.
  expect((await servicesStatus(options)).postgres.running).toBe(true);
});

it('keeps ports from one start to the next, and says so when it cannot', async () => {
  const options = make();
  const first = await ensureServices(options);
  await stopServices(options);
  const port = Number(new URL(first.postgres.url).port);
  await listen(port);
  const second = await ensureServices(options);
  expect(second.temporal).toEqual(first.temporal);
  expect(new URL(second.postgres.url).port).not.toBe(String(port));
  expect(lines.join('\n')).toContain(`Port ${port} of PostgreSQL is taken by another process`);

  await ensureServices({ ...options, ports: { temporal: 7233 } });
  expect(lines.at(-1)).toBe(`Temporal runs already, at ${second.temporal.address}: stop it first to have it on port 7233`);
});
