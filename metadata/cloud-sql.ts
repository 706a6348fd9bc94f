import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { UsageError } from '../pipelines/errors.ts';
import type { DatabaseAddress } from './address.ts';

type Instance = NonNullable<DatabaseAddress['cloudSql']>;

const CONNECT_MS = 20_000;

/**
 * Connections to a Cloud SQL instance, for the driver: Google's connector asks the SQL Admin API where the instance is,
 * has a certificate of an hour made for a key of its own, and renews it. Imported when the first connection is wanted.
 */
export class CloudSqlSockets {
  private readonly instance: Instance;
  private connector: { close(): void; stream: Promise<() => Duplex> } | undefined;
  private closed = false;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  /** Never rejects: the driver would wait for ever for a connection whose socket could not be made. */
  connect = async (): Promise<Duplex> => {
    try {
      this.connector ??= this.open();
      const socket = (await withTimeout(this.connector.stream))();
      await withTimeout(once(socket, 'secureConnect'));
      return socket;
    } catch (error) {
      // The next connection asks anew.
      this.connector = undefined;
      return failing(error instanceof Error ? error : new Error(String(error)));
    }
  };

  /** Ends the renewal of certificates. */
  async close(): Promise<void> {
    this.closed = true;
    const opened = this.connector;
    // One that could not be opened has nothing to end, and its own close() would reject.
    await opened?.stream.then(
      () => opened.close(),
      () => {},
    );
  }

  private open(): NonNullable<CloudSqlSockets['connector']> {
    let close = () => {};
    const stream = (async () => {
      const { AuthTypes, Connector, IpAddressTypes } = await import('@google-cloud/cloud-sql-connector').catch((error: unknown) => {
        throw new UsageError(
          "Cloud SQL needs the package '@google-cloud/cloud-sql-connector': npm install @google-cloud/cloud-sql-connector",
          {
            cause: error,
          },
        );
      });
      const { instance, ipType, iam, endpoint } = this.instance;
      const connector = new Connector({ userAgent: 'flowyml', ...(endpoint ? { sqlAdminAPIEndpoint: endpoint } : {}) });
      const made = await connector.getOptions({
        instanceConnectionName: instance,
        ipType: IpAddressTypes[ipType],
        authType: iam ? AuthTypes.IAM : AuthTypes.PASSWORD,
      });
      close = () => connector.close();
      if (this.closed) close();
      return () => made.stream();
    })();
    stream.catch(() => {});
    return { stream, close: () => close() };
  }
}

/**
 * A socket that fails at the first write: one that fails earlier leaves the driver with a half-sent greeting, and that
 * connection of its pool then never sends again.
 */
const failing = (error: Error): Duplex => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(error) });

async function withTimeout<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(`Cloud SQL gave no answer within ${CONNECT_MS / 1000} s`), { code: 'CONNECT_TIMEOUT' })),
      CONNECT_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
