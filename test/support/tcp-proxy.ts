import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Breaks the connection, once, after so many bytes have passed from here on: to the server, or back. */
  cut(direction: 'up' | 'down', after: number): { done: boolean };
  /** Changes one byte, once, after so many have passed to the server from here on. */
  flip(after: number): { done: boolean };
  /** Does something, once, before a request passes that begins so. */
  before(request: RegExp, act: () => Promise<unknown>): void;
  /** How many requests that begin so have passed. */
  count(request: RegExp): number;
  close(): Promise<void>;
}

/** Stands between a client and a server on this machine, and passes on bytes as they are, signatures included. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let cut: { direction: 'up' | 'down'; left: number; report: { done: boolean } } | undefined;
  let flip: { left: number; report: { done: boolean } } | undefined;
  let hook: { request: RegExp; act: () => Promise<unknown> } | undefined;

  const pass = (from: Socket, to: Socket, direction: 'up' | 'down') => {
    let passing = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      from.pause();
      passing = passing.then(async () => {
        const head = direction === 'up' ? chunk.subarray(0, 300).toString('latin1') : '';
        if (/^[A-Z]+ \//.test(head)) requests.push(head);
        if (hook?.request.test(head)) {
          const { act } = hook;
          hook = undefined;
          await act();
        }
        if (flip && direction === 'up') flip.left -= chunk.length;
        if (cut?.direction === direction) cut.left -= chunk.length;
        if (flip && flip.left <= 0) {
          flip.report.done = true;
          flip = undefined;
          chunk[chunk.length - 1] = (chunk.at(-1) ?? 0) ^ 1;
        }
        if (cut && cut.left <= 0) {
          cut.report.done = true;
          cut = undefined;
          from.destroy();
          to.destroy();
          return;
        }
        if (!to.destroyed && !to.write(chunk)) await drained(to);
        from.resume();
      });
    });
    from.on('end', () => void passing.then(() => to.end()));
    from.on('close', () => void passing.then(() => to.destroy()));
    from.on('error', () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pass(client, upstream, 'up');
    pass(upstream, client, 'down');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut(direction, after) {
      const report = { done: false };
      cut = { direction, left: after, report };
      return report;
    },
    flip(after) {
      const report = { done: false };
      flip = { left: after, report };
      return report;
    },
    before(request, act) {
      hook = { request, act };
    },
    count: (request) => requests.filter((each) => request.test(each)).length,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Until it takes more, or is closed. */
async function drained(socket: Socket): Promise<void> {
  const either = new AbortController();
  const waiting = ['drain', 'close'].map((event) => once(socket, event, { signal: either.signal }));
  await Promise.race(waiting).catch(() => undefined);
  either.abort();
  await Promise.allSettled(waiting);
}
