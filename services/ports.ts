import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../pipelines/errors.ts';

/**
 * Ports are chosen below the range that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere).
 * In that range a client that retries its connection to a stopped server can connect to itself, and so take the port.
 */
const FIRST = 21_000;
const LAST = 30_999;

export interface PortWish {
  /** For messages: `Temporal`. */
  service: string;
  /** The port that the user named. */
  asked?: number | undefined;
  /** The port of the last start. */
  kept?: number | undefined;
}

export interface TakenPorts {
  /** In the order of the wishes. */
  ports: number[];
  /** Call when the server listens, or has failed: from then on the port itself shows that it is taken. */
  release: () => Promise<void>;
}

interface Reservation {
  port: number;
  release: () => Promise<void>;
}

/** Free ports, one for each wish, reserved against other projects that choose at the same moment. */
export async function takePorts(wishes: readonly PortWish[], say: (line: string) => void): Promise<TakenPorts> {
  const taken: Reservation[] = [];
  const release = async () => {
    await Promise.all(taken.map((one) => one.release()));
  };
  try {
    for (const wish of wishes) taken.push(await take(wish, say));
    return { ports: taken.map(({ port }) => port), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function take(wish: PortWish, say: (line: string) => void): Promise<Reservation> {
  const { service, asked, kept } = wish;
  if (asked !== undefined) {
    const taken = await reserve(asked);
    if (taken) return taken;
    throw new UsageError(
      `Port ${asked}, asked for ${service}, is taken by another process: stop what listens there, or choose another port (or none, for a free one).`,
    );
  }
  if (kept !== undefined) {
    const taken = await reserve(kept);
    if (taken) return taken;
  }
  const { default: getPort, portNumbers } = await import('get-port');
  const exclude = new Set<number>();
  for (;;) {
    const port = await getPort({ port: portNumbers(randomInt(FIRST, LAST - 100), LAST), exclude });
    const taken = await reserve(port);
    if (taken) {
      if (kept !== undefined)
        say(`Port ${kept} of ${service} is taken by another process now: using ${port}, so links to ${kept} no longer work`);
      return taken;
    }
    exclude.add(port);
  }
}

async function reserve(port: number): Promise<Reservation | undefined> {
  const { default: lockfile } = await import('proper-lockfile');
  const folder = join(tmpdir(), `flowyml-ports-${userId()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = await lockfile
    .lock(join(folder, String(port)), { realpath: false, stale: 5_000, update: 1_000, onCompromised: () => {} })
    .catch(() => undefined);
  if (!release) return undefined;
  const free = await isFree(port);
  if (!free) await release();
  return free ? { port, release: () => release().catch(() => {}) } : undefined;
}

/** Whether a server could listen there now. (`getPort` also refuses what it gave in the last 30 s: no use for a kept port.) */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const userId = (): number => process.getuid?.() ?? userInfo().uid;
