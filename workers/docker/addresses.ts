const LOOPBACK = /^(localhost|127(?:\.\d+){3}|\[?::1\]?)$/;
// What Docker Desktop, and `host-gateway` elsewhere, call the machine that containers run on.
const HOST = 'host.docker.internal';

/** How a container reaches what listens on this machine. */
export type HostNetwork =
  /** It shares the machine's network: addresses are the same. */
  | 'shared'
  /** Docker runs in a machine of its own, which forwards. */
  | 'forwarded';

/** The variables of a worker as a container needs them: addresses of this machine by a name that leads there. */
export function fromContainer(env: Record<string, string>, network: HostNetwork): Record<string, string> {
  if (network === 'shared') return env;
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, ADDRESSES.test(name) ? forwarded(value) : value]));
}

const ADDRESSES = /(ADDRESS|URL|ENDPOINT|HOST)(_|$)|CONNECTION_STRING/;

function forwarded(value: string): string {
  return value.replace(/(^|\/\/|@|=)(localhost|127(?:\.\d+){3}|\[::1\])(?=[:/;,?]|$)/g, (_, before: string, host: string) =>
    LOOPBACK.test(host) ? `${before}${HOST}` : `${before}${host}`,
  );
}
