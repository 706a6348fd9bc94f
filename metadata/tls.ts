import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { UsageError } from '../pipelines/errors.ts';
import { type DatabaseAddress, parseAddress } from './address.ts';

type Ssl = 'prefer' | 'allow' | ConnectionOptions;

/**
 * What `sslmode` and its files mean, as libpq has it: `require` encrypts and, given a root certificate, also checks who
 * issued the server's; `verify-full` checks that and the name. The driver itself checks nothing below `verify-full`, and
 * passes files' names to the server.
 * @throws UsageError for a file that cannot be read
 */
export function sslOptions({ tls, host }: Pick<DatabaseAddress, 'tls' | 'host'>): { ssl?: Ssl | false } {
  const { sslmode } = tls;
  if (sslmode === undefined) return {};
  if (sslmode === 'disable') return { ssl: false };
  if (sslmode === 'prefer' || sslmode === 'allow') return { ssl: sslmode };
  const [ca, cert, key] = (['sslrootcert', 'sslcert', 'sslkey'] as const).map((name) => pem(name, tls[name]));
  const full = sslmode === 'verify-full';
  const verified = full || sslmode === 'verify-ca' || ca !== undefined;
  return {
    ssl: {
      rejectUnauthorized: verified,
      ...(full ? {} : { checkServerIdentity: () => undefined }),
      // A name is the driver's to give; for an address it would have Node look for `localhost` in the certificate.
      ...(isIP(host) ? { host } : {}),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  };
}

/** The PEM that a parameter names; undefined for none, and for `system`. */
export function pem(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value === 'system') return undefined;
  const variable = /^env:(.+)$/.exec(value)?.[1];
  const text = variable === undefined ? fileOf(name, value) : process.env[variable];
  if (!text) throw new UsageError(`${name}: the environment variable ${variable} is not set: it is to hold the PEM text`);
  if (!/-----BEGIN [A-Z ]+-----/.test(text)) throw new UsageError(`${name}: ${value} holds no PEM text ('-----BEGIN …')`);
  return text;
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${name}: ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

const CARRIED = { sslrootcert: 'FLOWYML_DATABASE_CA', sslcert: 'FLOWYML_DATABASE_CERT', sslkey: 'FLOWYML_DATABASE_KEY' } as const;

/**
 * The variables by which a process elsewhere reaches the same database: certificates go along as text, since their files are
 * on this machine. Secrets are among them.
 */
export function databaseEnv(url: string): Record<string, string> {
  const { tls } = parseAddress(url, 'the database');
  let carried = url;
  const texts: Record<string, string> = {};
  for (const [name, variable] of Object.entries(CARRIED)) {
    const value = tls[name as keyof typeof CARRIED];
    const text = pem(name, value);
    if (text === undefined) continue;
    texts[variable] = text;
    carried = carried.replace(new RegExp(`([?&]${name}=)[^&]*`), `$1env:${variable}`);
  }
  return { FLOWYML_DATABASE_URL: carried, ...texts };
}
