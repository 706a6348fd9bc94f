import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.ts';
import { portTaken } from './listen.ts';

export interface HealthServer {
  /** The one that was asked for, or the free one that was found. */
  port: number;
  /** From now on it speaks of this worker; before, it says that one is starting. */
  watch(health: () => Promise<Health>): void;
  close(): Promise<void>;
}

/**
 * Answers GET /healthz (200 while the process works and no worker has failed) and /readyz (200 while it takes work and
 * PostgreSQL and Temporal answer), else 503; both with JSON that says why.
 * @throws UsageError if the port is taken
 */
export async function startHealthServer({ host, port, option }: { host: string; port: number; option: string }): Promise<HealthServer> {
  let ask = async (): Promise<Health> => ({ status: 'starting', problems: ['it connects to its services'] });
  const server = createServer(async ({ method, url = '' }, response) => {
    const path = url.split('?')[0];
    const say = (code: number, body: object) =>
      response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(`${JSON.stringify(body)}\n`);
    if (path !== '/healthz' && path !== '/readyz') return say(404, { problems: ['there are /healthz and /readyz'] });
    if (method !== 'GET' && method !== 'HEAD') return say(405, { problems: ['GET is expected'] });
    const health = await ask();
    const well = path === '/readyz' ? health.status === 'ready' : health.status !== 'failed';
    return say(well ? 200 : 503, health);
  });
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    throw portTaken(error, { host, port, option });
  }
  // A worker ends when its work does.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    watch(health) {
      ask = health;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
