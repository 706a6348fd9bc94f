import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers as Google's Service Usage and IAM APIs do, and gives tokens for the credentials that it writes. */
export interface FakeGoogle {
  url: string;
  /** For GOOGLE_APPLICATION_CREDENTIALS. */
  credentials: string;
  /** The answer to a path; what is not here is not found. */
  answers: Map<string, { status: number; body: object }>;
  stop(): Promise<void>;
}

export async function startGoogle(): Promise<FakeGoogle> {
  const folder = mkdtempSync(join(tmpdir(), 'flowyml-google-'));
  const answers: FakeGoogle['answers'] = new Map();
  const server = createServer((request, response) => {
    const { status, body } =
      request.url === '/token'
        ? {
            status: 200,
            body: {
              access_token: 'token',
              expires_in: 3600,
              token_type: 'Bearer',
              issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            },
          }
        : request.headers.authorization !== 'Bearer token'
          ? { status: 401, body: googleError(401, 'Request had invalid authentication credentials.', 'UNAUTHENTICATED') }
          : (answers.get(request.url ?? '') ?? { status: 404, body: googleError(404, 'Not found.', 'NOT_FOUND') });
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const subject = join(folder, 'subject');
  writeFileSync(subject, 'me');
  const credentials = join(folder, 'credentials.json');
  writeFileSync(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/tests/providers/tests',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${url}/token`,
      credential_source: { file: subject },
    }),
  );
  return {
    url,
    credentials,
    answers,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const googleError = (code: number, message: string, status: string, reason?: string) => ({
  error: { code, message, status, ...(reason ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] } : {}) },
});
