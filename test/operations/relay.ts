import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut and mended. */
export interface Relay {
  port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function startRelay(to: { host: string; port: number }): Promise<Relay> {
  const open = new Set<Socket>();
  const serve = () =>
    createServer((socket) => {
      const beyond = connect(to);
      for (const [from, into] of [
        [socket, beyond],
        [beyond, socket],
      ] as const) {
        open.add(from);
        from.pipe(into);
        from.on('error', () => into.destroy()).on('close', () => open.delete(from));
      }
    });
  let server: Server = serve();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async cut() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
    async mend() {
      server = serve();
      await once(server.listen(port, '127.0.0.1'), 'listening');
    },
  };
}
