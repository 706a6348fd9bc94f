import { UsageError } from '../pipelines/errors.ts';

/** Below this a worker could wait for itself: one connection holds its lock, and a step's end may come while another reads. */
export const LEAST_POOL = 3;

/**
 * A database's address, taken apart. All that is said of a database is in one URL, so that it can be handed to another
 * process: `postgres://…` with `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as libpq writes them and `pool_size`, or
 * `cloudsql://USER[:PASSWORD]@PROJECT:REGION:INSTANCE/DATABASE` with `ip_type`, `pool_size` and `endpoint`.
 */
export interface DatabaseAddress {
  /** What the driver gets: without what it would pass on to the server. */
  driverUrl: string;
  /** For messages: `host:port/database`, or `project:region:instance/database`. */
  shown: string;
  host: string;
  user: string;
  database: string;
  /** Connections at most. */
  poolSize?: number;
  tls: TlsParameters;
  cloudSql?: { instance: string; ipType: 'PUBLIC' | 'PRIVATE' | 'PSC'; iam: boolean; endpoint?: string };
}

export interface TlsParameters {
  sslmode?: string;
  /** Files in PEM, or `env:NAME`: a variable that holds the PEM itself. */
  sslrootcert?: string;
  sslcert?: string;
  sslkey?: string;
}

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
const IP_TYPES = { public: 'PUBLIC', private: 'PRIVATE', psc: 'PSC' } as const;
/** A project of an organization has a colon of its own: `example.com:project`. */
export const INSTANCE = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]+:[a-z0-9-]+:[a-z][a-z0-9-]*$/;

/** Colons of an instance's name are no port's: in a URL they are written `%3A`. */
export function normalizeUrl(url: string): string {
  const [, scheme, login = '', instance = '', rest = ''] = /^(cloudsql:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s.exec(url) ?? [];
  return scheme ? `${scheme}${login}${instance.replaceAll(':', '%3A')}${rest}` : url;
}

/**
 * @param said what names it, for messages
 * @throws UsageError for what is no address of a database; never shows the password
 */
export function parseAddress(text: string, said = 'FLOWYML_DATABASE_URL'): DatabaseAddress {
  const wrong = (why: string) => new UsageError(`${said} ${why}`);
  const normal = normalizeUrl(text);
  const isCloudSql = normal.startsWith('cloudsql://');
  if (!/^postgres(ql)?:\/\//.test(normal) && !isCloudSql)
    throw wrong('is no address of a PostgreSQL: expected postgres://user:password@host:port/database.');
  // The driver takes several hosts, which are no URL.
  const single = normal.replace(/(:\/\/(?:[^@/?]*@)?[^,/?]*),[^/?]*/, '$1');
  if (!URL.canParse(single))
    throw wrong(
      'is no address of a PostgreSQL: expected postgres://user:password@host:port/database. In a password, write / ? # @ : and % as %2F %3F %23 %40 %3A %25',
    );
  const url = new URL(single);
  const given = url.searchParams;
  const take = (name: string) => given.get(name) ?? undefined;
  const address = {
    driverUrl: without(normal, ['pool_size', ...FILES, 'sslmode']),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...poolSizeOf(take('pool_size'), wrong),
    tls: tlsOf(take, wrong),
  };
  if (!isCloudSql) return { ...address, shown: `${url.host}${url.pathname}`, host: url.hostname.replace(/^\[|\]$/g, '') };
  return { ...address, ...cloudSqlOf(url, address.database, wrong) };
}

function poolSizeOf(text: string | undefined, wrong: (why: string) => Error): { poolSize?: number } {
  if (text === undefined) return {};
  if (!/^\d{1,4}$/.test(text) || Number(text) < LEAST_POOL)
    throw wrong(
      `says pool_size=${text}: expected a whole number from ${LEAST_POOL}; one connection is a worker's lock, the others are its steps'`,
    );
  return { poolSize: Number(text) };
}

function tlsOf(take: (name: string) => string | undefined, wrong: (why: string) => Error): TlsParameters {
  const sslmode = take('sslmode');
  if (sslmode !== undefined && !(SSL_MODES as readonly string[]).includes(sslmode))
    throw wrong(`says sslmode=${sslmode}: expected one of ${SSL_MODES.join(', ')}`);
  const files = Object.fromEntries(FILES.flatMap((name) => (take(name) ? [[name, take(name) as string]] : [])));
  const [first] = Object.keys(files);
  if (first && !/^(require|verify-)/.test(sslmode ?? ''))
    throw wrong(`says ${first}, which is used with TLS only: add sslmode=verify-full (or verify-ca, or require)`);
  if (!files.sslcert !== !files.sslkey) throw wrong('says one of sslcert and sslkey: a certificate needs its key, give both');
  return { ...(sslmode === undefined ? {} : { sslmode }), ...files };
}

function cloudSqlOf(
  url: URL,
  database: string,
  wrong: (why: string) => Error,
): Pick<DatabaseAddress, 'shown' | 'host' | 'driverUrl' | 'cloudSql'> {
  const instance = decodeURIComponent(url.host);
  if (!INSTANCE.test(instance))
    throw wrong(
      `names the Cloud SQL instance '${instance}': expected PROJECT:REGION:INSTANCE; 'gcloud sql instances describe INSTANCE --format="value(connectionName)"' prints it`,
    );
  if (!url.username || !database) throw wrong('lacks the user or the database: expected cloudsql://USER@PROJECT:REGION:INSTANCE/DATABASE');
  const asked = url.searchParams.get('ip_type') ?? 'public';
  if (!Object.hasOwn(IP_TYPES, asked)) throw wrong(`says ip_type=${asked}: expected public, private or psc`);
  const endpoint = url.searchParams.get('endpoint');
  const login = `${url.username}${url.password ? `:${url.password}` : ''}`;
  return {
    shown: `${instance}/${database}`,
    host: instance,
    // The connector finds the host; the driver wants one.
    driverUrl: `postgres://${login}@cloudsql${url.pathname}`,
    cloudSql: { instance, ipType: IP_TYPES[asked as keyof typeof IP_TYPES], iam: !url.password, ...(endpoint ? { endpoint } : {}) },
  };
}

/** The URL without some of its parameters; the rest stays as it was written. */
function without(url: string, names: readonly string[]): string {
  const [base = '', query = ''] = url.split(/\?(.*)/s);
  const kept = query.split('&').filter((each) => each && !names.includes(each.split('=', 1)[0] ?? ''));
  return kept.length ? `${base}?${kept.join('&')}` : base;
}

/** The URL for people: without its password. */
export function withoutPassword(url: string): string {
  const normal = normalizeUrl(url);
  if (!URL.canParse(normal)) return normal.replace(/(:\/\/[^:@/]*):[^@]*@/, '$1:***@');
  const shown = new URL(normal);
  if (shown.password) shown.password = '***';
  for (const name of [...shown.searchParams.keys()]) if (/pass/i.test(name)) shown.searchParams.set(name, '***');
  return shown.href.replaceAll('%3A', ':');
}
