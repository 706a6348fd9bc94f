import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface GcsObject {
  name: string;
  generation: string;
  metageneration: string;
  updated: string;
}

export interface GcsFront {
  port: number;
  endpoint: string;
  /** From now on such requests are answered so, as Google does: its permissions are no emulator's matter. */
  refuse(pattern: RegExp, status: number, message: string): void;
  close(): Promise<void>;
}

/**
 * Adds to fake-gcs-server what Google's storage does and it does not: an object's metageneration, counted up by each change of
 * its metadata, the time of such a change, and the conditions ifGenerationMatch and ifMetagenerationMatch where an object is changed or
 * deleted; and how far an upload has come (the emulator takes that question for its end).
 */
export async function gcsFront(target: number): Promise<GcsFront> {
  const changes = new Map<string, { count: number; updated: string }>();
  /** How far each upload has come. */
  const ranges = new Map<string, string>();
  const refused: { pattern: RegExp; status: number; message: string }[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  const forward = (incoming: IncomingMessage): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { method, url, headers } = incoming;
      const outgoing = request({ host: '127.0.0.1', port: target, method, path: url, headers }, resolve).on('error', reject);
      incoming.pipe(outgoing);
      incoming.on('close', () => incoming.complete || outgoing.destroy());
    });
  const ask = async (path: string): Promise<GcsObject | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${target}${path}`);
    return answer.ok ? ((await answer.json()) as GcsObject) : undefined;
  };
  const keyOf = ({ name, generation }: GcsObject) => `${name}#${generation}`;
  const changed = (object: GcsObject): GcsObject => {
    const change = changes.get(keyOf(object));
    return change ? { ...object, metageneration: `${1 + change.count}`, updated: change.updated } : object;
  };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://front');
    const rule = refused.find(({ pattern }) => pattern.test(`${incoming.method} ${incoming.url}`));
    if (rule) {
      const { status: code, message } = rule;
      incoming.resume();
      outgoing.writeHead(code, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: { code, message, errors: [{ message, domain: 'global', reason: 'forbidden' }] } }));
      return;
    }
    const upload = url.searchParams.get('upload_id');
    if (upload && incoming.headers['content-range'] === 'bytes */*') {
      const range = ranges.get(upload);
      outgoing.writeHead(308, range ? { range } : {});
      outgoing.end();
      return;
    }
    const isObject = /^\/storage\/v1\/b\/[^/]+\/o\/[^/]+$/.test(url.pathname) && url.searchParams.get('alt') !== 'media';
    const isList = /^\/storage\/v1\/b\/[^/]+\/o$/.test(url.pathname);
    if (!(isObject && ['GET', 'PATCH', 'DELETE'].includes(incoming.method ?? '')) && !(isList && incoming.method === 'GET')) {
      const answer = await forward(incoming);
      if (upload && answer.headers.range) ranges.set(upload, answer.headers.range);
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
      return;
    }
    if (incoming.method !== 'GET') {
      const found = await ask(url.pathname);
      const now = found && changed(found);
      const differs = (name: 'Generation' | 'Metageneration') => {
        const wanted = url.searchParams.get(`if${name}Match`);
        return now && wanted !== null && wanted !== now[name === 'Generation' ? 'generation' : 'metageneration'];
      };
      if (differs('Generation') || differs('Metageneration')) {
        incoming.resume();
        outgoing.writeHead(412, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ error: { code: 412, message: 'At least one of the pre-conditions you specified did not hold.' } }));
        return;
      }
    }
    const answer = await forward(incoming);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    let body = Buffer.concat(chunks);
    if (answer.statusCode === 200 && incoming.method !== 'DELETE') {
      const said = JSON.parse(body.toString()) as GcsObject & { items?: GcsObject[] };
      if (incoming.method === 'PATCH')
        changes.set(keyOf(said), { count: (changes.get(keyOf(said))?.count ?? 0) + 1, updated: new Date().toISOString() });
      body = Buffer.from(JSON.stringify(isList ? { ...said, items: said.items?.map(changed) } : changed(said)));
    }
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 500, headers);
    outgoing.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    const failed = () => outgoing.destroy();
    // Changes of objects one by one: a condition and what hangs on it are one.
    if (incoming.method === 'PATCH' || incoming.method === 'DELETE') turn = turn.then(() => serve(incoming, outgoing)).catch(failed);
    else void serve(incoming, outgoing).catch(failed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    refuse: (pattern, status, message) => void refused.push({ pattern, status, message }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
