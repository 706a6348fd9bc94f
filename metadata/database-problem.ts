import { type DatabaseAddress, parseAddress } from './address.ts';
import { cloudSqlProblem } from './cloud-sql-problem.ts';
import { type DatabaseProblem, firstLine, mistake, passing } from './problem.ts';

/** What the statements need: 13 refuses rows with `DEFAULT` for a generated column, and a jsonb's `['key']`. */
export const LEAST_SERVER = 14;

/** A server that was reached and does not do. */
export class ServerUnfit extends Error {
  readonly problem: DatabaseProblem;

  constructor(problem: DatabaseProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

export const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no network',
  ETIMEDOUT: 'no answer in time',
  CONNECT_TIMEOUT: 'no answer within 5 s',
  CONNECTION_CLOSED: 'the connection broke',
  CONNECTION_ENDED: 'the connection was closed',
};

type Coded = Error & { code?: string | number; routine?: string };

/** @returns undefined for an error that is no question of reaching the database and being let in */
export function databaseProblem(error: unknown, url: string): DatabaseProblem | undefined {
  const address = parseAddress(url, 'the database');
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ServerUnfit) return each.problem;
    const found =
      (address.cloudSql && cloudSqlProblem(each, address)) ??
      tlsProblem(each, address) ??
      serverProblem(each, address) ??
      networkProblem(each);
    if (found) return found;
  }
  return undefined;
}

function networkProblem({ code, message }: Coded): DatabaseProblem | undefined {
  const reason = UNREACHABLE[String(code)];
  if (!reason) return undefined;
  if (code === 'ENOTFOUND') return passing(`${reason}: ${message.split(' ').at(-1)}`, 'correct the host in its address');
  return passing(reason, 'start it, or correct its address');
}

const CERTIFICATE: Readonly<Record<string, (address: DatabaseAddress) => [reason: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: () => ["the server's certificate has expired", 'have the server given a new one'],
  CERT_NOT_YET_VALID: () => [
    "the server's certificate is not valid yet",
    'correct the clock of this machine, or have the server given another',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => [
    `the server's certificate is for another name than '${host}'`,
    'use the name that it is for, or verify-ca in place of verify-full',
  ],
};
const UNTRUSTED = /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/;

function tlsProblem(error: Coded, address: DatabaseAddress): DatabaseProblem | undefined {
  const code = String(error.code ?? '');
  const known = CERTIFICATE[code]?.(address);
  if (known) return mistake(...known);
  if (UNTRUSTED.test(code))
    return mistake(
      `the server's certificate was issued by nobody that is trusted here (${code})`,
      "name the certificate of who issued it: 'ca' of metadata_store.tls, or sslrootcert=FILE",
    );
  if (/before secure TLS connection|wrong version number/i.test(error.message))
    return mistake(
      'the server does not offer TLS',
      "turn it on at the server ('ssl = on'), or ask for none: mode: disable, or sslmode=disable",
    );
  if (/^ERR_(SSL|OSSL|TLS)/.test(code) || code === 'EPROTO')
    return mistake(
      `TLS failed: ${firstLine(error.message)}`,
      "check the files of metadata_store.tls, or of sslcert and sslkey: the server may want a client's certificate, or refuse this one",
    );
  return undefined;
}

function serverProblem(error: Coded, address: DatabaseAddress): DatabaseProblem | undefined {
  const { user, database } = address;
  const said = firstLine(error.message);
  switch (error.code) {
    case '28P01':
      return mistake(said, 'correct its user or password');
    case '28000':
      if (/no encryption|SSL off/.test(said))
        return mistake(
          `the server takes this connection with TLS only, or not from this host (${said})`,
          "ask for TLS: 'tls: {mode: require}', or sslmode=require; else let its pg_hba.conf admit this host",
        );
      if (/no pg_hba.conf entry|pg_hba.conf rejects/.test(said))
        return mistake(
          `the server admits no such connection from this host (${said})`,
          "let the server's pg_hba.conf (or the cloud's list of authorized networks) admit this host, user and database",
        );
      if (/client certificate/.test(said))
        return mistake(said, "give a client's certificate: cert and key of metadata_store.tls, or sslcert and sslkey");
      return mistake(said, "correct its user or password, or let the server's pg_hba.conf admit it");
    case '3D000':
      return mistake(said, `create that database (createdb ${connection(address)} ${database}), or name another`);
    case '53300':
      return passing(`too many connections (${said})`, 'lower pool_size and the number of workers, or raise max_connections of the server');
    case '42501':
      return mistake(
        `the user '${user}' may not make flowyml's tables (${said})`,
        `let a superuser run: grant create on database "${database}" to "${user}"`,
      );
    case '25006':
      return mistake(`it is read-only (${said})`, 'name the primary server, not a replica; or reset default_transaction_read_only');
    case '57P03':
      return passing(said, 'wait until it has started or recovered, and try again');
    default:
      return undefined;
  }
}

/** `-h HOST -p PORT -U USER` */
function connection({ driverUrl, host, user, cloudSql }: DatabaseAddress): string {
  if (cloudSql) return `-U ${user}`;
  const port = /:(\d+)(?:[/?]|$)/.exec(driverUrl.replace(/^[^@]*@/, ''))?.[1];
  return [`-h ${host}`, ...(port ? [`-p ${port}`] : []), ...(user ? [`-U ${user}`] : [])].join(' ');
}
