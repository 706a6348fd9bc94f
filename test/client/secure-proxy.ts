import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, constants, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Temporal server that wants TLS, a client's certificate and an API key: a proxy before one that does not. */
export interface SecureProxy {
  address: string;
  /** PEM files. */
  ca: string;
  cert: string;
  key: string;
  close(): void;
}

const HOP = new Set<string>([constants.HTTP2_HEADER_CONNECTION, 'keep-alive', 'transfer-encoding', 'host']);

/** Starts one. Certificates are made by openssl, which the machine must have. */
export async function secureProxy(upstream: string, apiKey: string): Promise<SecureProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'flowyml-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const subject = (name: string) => ['-subj', `/CN=${name}`, '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  openssl('req', '-x509', '-days', '2', ...subject('ca'), '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const name of ['server', 'client']) {
    openssl('req', ...subject(name), '-keyout', `${name}.key`, '-out', `${name}.csr`, '-addext', 'subjectAltName=DNS:temporal.test');
    openssl(
      ...['x509', '-req', '-days', '2', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-copy_extensions', 'copy', '-out', `${name}.pem`],
    );
  }
  const read = (name: string) => readFileSync(join(folder, name));
  const server = createSecureServer({ key: read('server.key'), cert: read('server.pem'), ca: read('ca.pem'), requestCert: true });
  const inner = connect(`http://${upstream}`);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers.authorization !== `Bearer ${apiKey}`) {
      const refusal = { 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
      return;
    }
    const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
    const onward = inner.request(passed);
    onward.on('error', () => stream.close());
    stream.on('close', () => onward.close());
    onward.on('response', (answer) => {
      // A refusal is headers alone.
      if ('grpc-status' in answer) stream.respond(answer, { endStream: true });
      else stream.respond(answer, { waitForTrailers: true });
    });
    onward.on('trailers', (trailers) => stream.once('wantTrailers', () => stream.sendTrailers(trailers)));
    stream.pipe(onward);
    onward.pipe(stream);
  });
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: join(folder, 'ca.pem'),
    cert: join(folder, 'client.pem'),
    key: join(folder, 'client.key'),
    close() {
      inner.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
