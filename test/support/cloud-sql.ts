import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls, type Server as TlsServer } from 'node:tls';
import { TestAuthority } from './certificates.ts';

export const INSTANCE = 'shop-prod:europe-west1:main';
/** Where every instance of Cloud SQL listens. */
const PORT = 3307;

/** Google's side of Cloud SQL: who gives tokens, the SQL Admin API, and the instance's TLS in front of a real PostgreSQL. */
export interface FakeCloudSql {
  /** For `?endpoint=`. */
  endpoint: string;
  /** Credentials that lead to tokens of this server: for GOOGLE_APPLICATION_CREDENTIALS. */
  credentials: string;
  /** What was asked of the API, one a line, and tokens that came for a login. */
  requests: string[];
  /** Subjects of the certificates that connections showed. */
  clients: string[];
  /** What the API answers instead of success. */
  refuse(refusal: { status: number; reason: string; message: string } | undefined): void;
  stop(): Promise<void>;
}

/**
 * The API answers as Google's does (connectSettings, generateEphemeralCert), and signs the key that it is sent. The TLS
 * server lets in only who shows such a certificate.
 */
export async function startCloudSql(postgresPort: number): Promise<FakeCloudSql> {
  const authority = new TestAuthority('Google Cloud SQL Server CA');
  const server = authority.issue('instance', 'shop-prod:main');
  const requests: string[] = [];
  const clients: string[] = [];
  let refusal: Parameters<FakeCloudSql['refuse']>[0];
  // An address of the loopback for each test file: the port cannot be chosen.
  const address = `127.${1 + (process.pid % 200)}.${1 + Math.floor(Math.random() * 250)}.7`;
  const tls: TlsServer = createTls(
    {
      cert: readFileSync(server.cert),
      key: readFileSync(server.key),
      ca: readFileSync(authority.ca),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    },
    (socket) => {
      clients.push(String(socket.getPeerCertificate().subject.CN));
      const onward = connect(postgresPort, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const)
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
    },
  );
  tls.on('tlsClientError', () => {});
  const http: HttpServer = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = (status: number, value: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (request.url === '/token') {
        answer(200, {
          access_token: 'token-of-google',
          expires_in: 3600,
          token_type: 'Bearer',
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        });
        return;
      }
      requests.push(`${request.method} ${request.url}`);
      if (request.headers.authorization !== 'Bearer token-of-google') answer(401, { error: { code: 401, message: 'Login Required.' } });
      else if (refusal) {
        const { status, reason, message } = refusal;
        answer(status, { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });
      } else if (request.url === '/sql/v1beta4/projects/shop-prod/instances/main/connectSettings') {
        answer(200, {
          kind: 'sql#connectSettings',
          serverCaCert: { cert: readFileSync(authority.ca, 'utf8'), expirationTime: new Date(Date.now() + 86_400_000).toISOString() },
          ipAddresses: [{ type: 'PRIMARY', ipAddress: address }],
          region: 'europe-west1',
          databaseVersion: 'POSTGRES_16',
          backendType: 'SECOND_GEN',
        });
      } else if (request.url === '/sql/v1beta4/projects/shop-prod/instances/main:generateEphemeralCert') {
        const { public_key, access_token } = JSON.parse(body) as { public_key: string; access_token?: string };
        if (access_token) requests.push(`login by ${access_token}`);
        answer(200, {
          ephemeralCert: { kind: 'sql#sslCert', cert: authority.issueFor(public_key, access_token ? 'by-iam' : 'by-password') },
        });
      } else
        answer(404, {
          error: { code: 404, message: 'The Cloud SQL instance does not exist.', errors: [{ reason: 'instanceDoesNotExist' }] },
        });
    });
  });
  await Promise.all([
    new Promise<void>((resolve) => tls.listen(PORT, address, resolve)),
    new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)),
  ]);
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  const credentials = join(authority.folder, 'credentials.json');
  writeFileSync(join(authority.folder, 'subject.txt'), 'who I am');
  writeFileSync(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/tests/providers/tests',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${endpoint}token`,
      credential_source: { file: join(authority.folder, 'subject.txt') },
    }),
  );
  return {
    endpoint,
    credentials,
    requests,
    clients,
    refuse(next) {
      refusal = next;
    },
    async stop() {
      http.closeAllConnections();
      await Promise.all([new Promise((resolve) => tls.close(resolve)), new Promise((resolve) => http.close(resolve))]);
      authority.remove();
    },
  };
}
