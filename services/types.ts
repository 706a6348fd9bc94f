import type { TLSConfig } from '@temporalio/client';

/** How the services of a project are found or started. */
export interface ServiceOptions {
  /** The project's folder. What is kept lies in `<root>/.flowyml/`. */
  root: string;
  /** The project's name. One folder has one set of services, whatever its name. */
  project: string;
  /** Ports to use instead of free ones. One that is taken is an error. */
  ports?: { temporal?: number; ui?: number; postgres?: number };
  /** The data folder of the embedded PostgreSQL, relative to `root`. Default: `.flowyml/postgres`. */
  postgresDir?: string;
  /** The PostgreSQL that the stack in use names, in place of an embedded one. FLOWYML_DATABASE_URL wins over it. */
  database?: NamedDatabase;
  /** Gets one line for whatever takes long or differs from what was asked. */
  onProgress?: (line: string) => void;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/** What is needed to find services that run already. */
export type FindOptions = Pick<ServiceOptions, 'root' | 'postgresDir' | 'database' | 'env'>;

export interface TemporalEndpoint {
  /** `host:port` */
  address: string;
  namespace: string;
  /** The address of Temporal Web; unknown for a server that is not ours. */
  ui?: string;
  /** False for a server that the environment or a profile of Temporal's configuration names. */
  embedded: boolean;
  /** What named it: `TEMPORAL_ADDRESS`, or a profile. */
  source?: string;
  /** Secrets are in these: they are never shown. */
  tls?: TLSConfig | boolean;
  apiKey?: string;
  metadata?: Record<string, string>;
}

/** A database's address (see `DatabaseAddress`), and what names it. */
export interface NamedDatabase {
  url: string;
  /** For messages: `metadata_store of stack 'prod'`. */
  source: string;
}

export interface PostgresEndpoint {
  /** With its password. */
  url: string;
  /** False for a server named by FLOWYML_DATABASE_URL, or by the stack. */
  embedded: boolean;
  /** What named it. */
  source?: string;
}

export interface Services {
  temporal: TemporalEndpoint;
  postgres: PostgresEndpoint;
}
