import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { UsageError } from '../pipelines/errors.ts';

export interface Listening {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** For messages: where the user named it. */
  option: string;
}

/**
 * A port that is free now, for a listener that cannot say itself why it may not listen, or where.
 * @throws UsageError if the port is taken
 */
export async function freePort(wish: Listening): Promise<number> {
  const probe = createServer();
  const listening = once(probe, 'listening');
  probe.listen(wish.port, wish.host);
  try {
    await listening;
  } catch (error) {
    throw portTaken(error, wish);
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Says of a port why nothing can listen there. */
export function portTaken(error: unknown, { host, port, option }: Listening): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const advice = 'choose another one, or 0 for any that is free';
  if (code === 'EADDRINUSE')
    return new UsageError(`${option}: port ${port} of ${host} is taken by another process: ${advice}`, { cause: error });
  if (code === 'EACCES') return new UsageError(`${option}: port ${port} is not allowed to this user: ${advice}`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UsageError(`--bind ${host}: this machine has no such address: expected one of its own, such as 127.0.0.1 or 0.0.0.0`, {
      cause: error,
    });
  return new UsageError(`${option}: cannot listen on ${host}:${port} (${message})`, { cause: error });
}
