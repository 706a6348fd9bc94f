import { isAbsolute, resolve } from 'node:path';
import { parseAddress } from '../metadata/index.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { MetadataStoreSpec, StackLike, StackSpec } from '../pipelines/stack-spec.ts';
import type { Project } from './project.ts';
import { resolveVariables } from './variables.ts';

/** Where what runs made is kept, for those who find or start services. */
export interface MetadataOptions {
  /** Of the embedded server, where the stack says so. */
  postgresDir?: string;
  /** A server that the stack names. */
  database?: { url: string; source: string };
}

type Where = Pick<Project, 'root' | 'stack' | 'stacks'>;

/**
 * The metadata store of the stack in use. FLOWYML_DATABASE_URL wins over it: nothing of it is looked at then.
 * @throws UsageError for a variable that is not set, and for what is no address
 */
export function metadataOptions({ root, stack, stacks }: Where, env: NodeJS.ProcessEnv = process.env): MetadataOptions {
  const spec = stacks[stack]?.metadataStore;
  if (!spec || env.FLOWYML_DATABASE_URL) return {};
  const source = `metadata_store of stack '${stack}'`;
  const filled = resolveVariables(spec, source, env);
  if (filled.type === 'embedded') return filled.path === undefined ? {} : { postgresDir: resolve(root, filled.path) };
  return { database: { url: metadataUrl(filled, root, source), source } };
}

/**
 * All that a metadata store says, as the one URL that a database's address is (see `DatabaseAddress`).
 * @param root the project's folder, from which relative paths of certificates count
 */
export function metadataUrl(spec: Exclude<MetadataStoreSpec, { type: 'embedded' }>, root: string, source: string): string {
  const url = spec.type === 'cloudsql' ? cloudSqlUrl(spec) : postgresUrl(spec, root, source);
  parseAddress(url, source);
  return url;
}

function cloudSqlUrl({ instance, database, user, password, ipType, poolSize }: Extract<MetadataStoreSpec, { type: 'cloudsql' }>): string {
  const login = `${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}`;
  return withParameters(`cloudsql://${login}@${encodeURIComponent(instance)}/${encodeURIComponent(database)}`, {
    ip_type: ipType,
    pool_size: poolSize,
  });
}

const FILES = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' } as const;

function postgresUrl({ url, poolSize, tls }: Extract<MetadataStoreSpec, { type: 'postgresql' }>, root: string, source: string): string {
  if (!/^postgres(ql)?:\/\//.test(url)) parseAddress('', `${source}: url`);
  const inUrl = new Set([...(url.split('?')[1] ?? '').split('&')].map((each) => each.split('=', 1)[0]));
  const file = (path: string) => (/^env:|^system$/.test(path) || isAbsolute(path) ? path : resolve(root, path));
  const files = Object.entries(FILES).map(([key, name]) => [name, tls?.[key as keyof typeof FILES]] as const);
  const given = {
    pool_size: poolSize,
    sslmode: tls?.mode,
    ...Object.fromEntries(files.map(([name, path]) => [name, path === undefined ? undefined : file(path)])),
  };
  const twice = Object.entries(given).find(([name, value]) => value !== undefined && inUrl.has(name));
  if (twice)
    throw new UsageError(
      `${source}: '${twice[0]}' in the url and ${twice[0] === 'pool_size' ? 'pool_size' : 'tls'} beside it say the same: keep one`,
    );
  // Paths in the URL itself count from the project too.
  const whole = url.replace(
    /([?&](?:sslrootcert|sslcert|sslkey)=)([^&]+)/g,
    (_, name: string, path: string) => `${name}${encodeURIComponent(file(decodeURIComponent(path)))}`,
  );
  return withParameters(whole, given);
}

function withParameters(url: string, parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  if (!given.length) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
}

/**
 * Why a run on a stack may not be recorded in the database of the stack in use: its own names another. Where
 * FLOWYML_DATABASE_URL decides for all stacks, none does. A stack made in code that names no metadata store takes any.
 */
export function otherMetadataStore(
  project: Where,
  asked: string | StackLike | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (!asked || env.FLOWYML_DATABASE_URL) return undefined;
  const isNamed = typeof asked === 'string';
  const spec: StackSpec | undefined = isNamed
    ? project.stacks[asked]
    : typeof asked === 'object' && 'toJSON' in asked
      ? asked.toJSON()
      : asked;
  if (!spec || (!isNamed && !spec.metadataStore) || keyOf(spec) === keyOf(project.stacks[project.stack])) return undefined;
  const remedy = isNamed
    ? `run it with --stack ${spec.name}, or FLOWYML_STACK=${spec.name}, so that it is`
    : `make it the stack in use (registry.registerStack(stack, { setActive: true })), so that it is`;
  return `stack '${spec.name}' keeps what runs made in another database (its metadata_store) than the stack in use, '${project.stack}': ${remedy}; or set FLOWYML_DATABASE_URL, which decides for all stacks`;
}

function keyOf(stack: StackSpec | undefined): string {
  const store: MetadataStoreSpec = stack?.metadataStore ?? { type: 'embedded' };
  return JSON.stringify(Object.entries({ path: undefined, ...store, poolSize: undefined }).sort(([a], [b]) => a.localeCompare(b)));
}
