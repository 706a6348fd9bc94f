import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../../../artifacts/chunks.ts';
import type { ArtifactStore, BlobId, ListedBlob } from '../../../artifacts/store.ts';
import { ArtifactCorrupt, ServiceUnavailable, UsageError } from '../../../pipelines/errors.ts';
import type { ArtifactStoreSpec } from '../../../pipelines/stack-spec.ts';
import { localStore } from '../../../stacks/local-store.ts';
import { checkStore } from '../../../stacks/stores/check-store.ts';
import { copyBlob } from '../../../stacks/stores/copy.ts';
import type { ObjectClient } from '../../../stacks/stores/object-client.ts';
import { ObjectStore } from '../../../stacks/stores/object-store.ts';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { chunksOf, tempFolder, textOf } from '../../artifacts/helpers.ts';
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts';

/** Where a contract is tried: an empty place for each name, and a way behind the store's back. */
export interface Place {
  store(name: string): Promise<ArtifactStore>;
  /** Puts these bytes where the blob stands, as somebody who knows nothing of stores. */
  plant(name: string, blob: BlobId, bytes: Uint8Array): Promise<void>;
  /** How a blob's address begins. */
  uri: RegExp;
}

const MIB = 1024 * 1024;
const REGISTER = new URL('../../../loader/register.mjs', import.meta.url).href;
const PASS_THROUGH = fileURLToPath(new URL('./fixtures/pass-through.ts', import.meta.url));
const sha = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const soon = () => new Date(Date.now() + 60_000);

/** What every artifact store must do. */
export function storeContract(place: () => Place): void {
  const all = async (store: ArtifactStore): Promise<ListedBlob[]> => {
    const listed: ListedBlob[] = [];
    for await (const blob of store.list?.() ?? []) listed.push(blob);
    return listed;
  };

  test('streams, hashes, and tells the address', async () => {
    const store = await place().store('streams');
    const blob = await store.put(chunksOf('hello ', '', 'world'));
    expect(blob).toEqual({ sha256: sha('hello world'), size: 11, uri: expect.stringMatching(place().uri) });
    expect(blob.uri).toContain(`/sha256/${blob.sha256.slice(0, 2)}/${blob.sha256}`);
    expect(await textOf(store.open(blob))).toBe('hello world');
    expect(await store.has(blob)).toBe(true);
    expect(await store.has({ ...blob, size: 12 })).toBe(false);
  });

  test('the same content is kept once, however it comes', async () => {
    const store = await place().store('once');
    const path = join(tempFolder(), 'a');
    writeFileSync(path, 'same');
    const blobs = [
      await store.put(Buffer.from('same')),
      await store.put(chunksOf('sa', 'me')),
      await store.put(Buffer.from('same')),
      await store.putFile?.(path),
    ];
    expect(new Set(blobs.map((blob) => blob?.uri)).size).toBe(1);
    expect(await all(store)).toMatchObject([{ sha256: sha('same'), size: 4 }]);
  });

  test('an empty blob', async () => {
    const store = await place().store('empty');
    const blob = await store.put(new Uint8Array());
    expect(blob).toMatchObject({ size: 0, sha256: sha('') });
    expect(await textOf(store.open(blob))).toBe('');
    expect((await store.put(chunksOf())).uri).toBe(blob.uri);
  });

  test('what is larger than one part: from memory, a stream and a file, and to a file', async () => {
    const store = await place().store('large');
    const bytes = randomBytes(20 * MIB + 12_345);
    const blob = { sha256: sha(bytes), size: bytes.length };
    const pieces = Array.from({ length: 41 }, (_, i) => bytes.subarray(i * (MIB / 2), (i + 1) * (MIB / 2)));
    expect(await store.put(chunksOf(...pieces))).toMatchObject(blob);
    expect(Buffer.compare(await collect(store.open(blob), blob.size), bytes)).toBe(0);
    const other = await place().store('large-2');
    expect(await other.put(bytes)).toMatchObject(blob);
    const path = join(tempFolder(), 'copy');
    await other.copyTo?.(blob, path);
    expect(sha(readFileSync(path))).toBe(blob.sha256);
    const third = await place().store('large-3');
    expect(await third.putFile?.(path)).toMatchObject(blob);
    expect(await third.has(blob)).toBe(true);
  });

  test('other bytes in its place are found on reading', async () => {
    const store = await place().store('damaged');
    const bytes = Buffer.alloc(600_000, 7);
    const blob = await store.put(bytes);
    const flipped = Buffer.from(bytes);
    flipped[599_000] = 8;
    const damages: [Uint8Array, RegExp][] = [
      [flipped, /was changed in the store/],
      [bytes.subarray(0, 100_000), /has 100000 bytes instead of 600000/],
      [Buffer.concat([bytes, Buffer.from('x')]), /has 600001 bytes instead of 600000/],
    ];
    for (const [damage, message] of damages) {
      await place().plant('damaged', blob, damage);
      let seen = 0;
      const reading = (async () => {
        for await (const chunk of store.open(blob)) seen += chunk.length;
      })();
      await expect(reading).rejects.toThrow(ArtifactCorrupt);
      await expect(textOf(store.open(blob))).rejects.toThrow(message);
      expect(seen).toBeLessThan(blob.size);
      const copy = join(tempFolder(), 'copy');
      await expect(store.copyTo?.(blob, copy)).rejects.toThrow(message);
      expect(existsSync(copy)).toBe(false);
    }
    for (const again of [() => store.put(bytes), () => store.put(chunksOf(bytes))]) {
      await place().plant('damaged', blob, flipped);
      await again();
      expect(sha(await collect(store.open(blob)))).toBe(blob.sha256);
    }
  });

  test('what is missing', async () => {
    const store = await place().store('missing');
    const blob = { sha256: sha('nothing'), size: 7 };
    await expect(textOf(store.open(blob))).rejects.toThrow(ArtifactCorrupt);
    await expect(textOf(store.open(blob))).rejects.toThrow(/is missing from the store/);
    await expect(textOf(store.open({ sha256: sha(''), size: 0 }))).rejects.toThrow(/is missing from the store/);
    await expect(store.copyTo?.(blob, join(tempFolder(), 'x'))).rejects.toThrow(ArtifactCorrupt);
    expect(await store.has(blob)).toBe(false);
    expect(await store.renew?.(blob)).toBe(false);
    expect(await store.removeOld?.(blob.sha256, soon())).toBe(false);
    expect(await all(store)).toEqual([]);
    await expect(textOf(store.open({ sha256: '../../x', size: 1 }))).rejects.toThrow(/not a SHA-256/);
  });

  test('an error of the source is passed on, and leaves nothing', async () => {
    const store = await place().store('failing');
    async function* failing() {
      yield Buffer.alloc(9 * MIB);
      throw new RangeError('mine');
    }
    await expect(store.put(failing())).rejects.toThrow(new RangeError('mine'));
    expect(await all(store)).toEqual([]);
  });

  test('a reader may stop early', async () => {
    const store = await place().store('early');
    const blob = await store.put(Buffer.concat([Buffer.alloc(3 * MIB, 1), Buffer.alloc(3 * MIB, 2)]));
    for await (const chunk of store.open(blob)) {
      expect(chunk[0]).toBe(1);
      break;
    }
    expect(sha(await collect(store.open(blob)))).toBe(blob.sha256);
  });

  test('many that write the same at once all succeed', async () => {
    const [one, two] = await Promise.all([place().store('writers'), place().store('writers')]);
    const large = randomBytes(9 * MIB);
    for (const bytes of [Buffer.from('small'), large]) {
      const put = await Promise.all([one.put(bytes), two.put(bytes), one.put(chunksOf(bytes)), two.put(chunksOf(bytes))]);
      expect(new Set(put.map(({ uri }) => uri)).size).toBe(1);
      expect(sha(await collect(one.open(put[0])))).toBe(sha(bytes));
    }
    expect(await all(one)).toHaveLength(2);
  });

  test('a blob is removed when it is old, and what is put again is young', async () => {
    const store = await place().store('old');
    const [kept, removed, renewed] = await Promise.all(['kept', 'removed', 'renewed'].map((text) => store.put(Buffer.from(text))));
    if (!kept || !removed || !renewed) throw new Error('not stored');
    expect(await store.removeOld?.(removed.sha256, new Date(Date.now() - 60_000))).toBe(false);
    expect(await store.removeOld?.(removed.sha256, soon())).toBe(true);
    expect(await store.has(removed)).toBe(false);
    expect(await store.removeOld?.(removed.sha256, soon())).toBe(false);
    // Some tell times to the second only.
    await sleep(2100);
    const before = new Date();
    expect((await all(store)).filter(({ modifiedAt }) => modifiedAt >= before)).toEqual([]);
    await sleep(1100);
    await store.put(chunksOf('kept'));
    expect(await store.renew?.(renewed)).toBe(true);
    expect(await store.removeOld?.(kept.sha256, before)).toBe(false);
    expect(await store.removeOld?.(renewed.sha256, before)).toBe(false);
    const times = new Map((await all(store)).map(({ sha256, modifiedAt }) => [sha256, modifiedAt]));
    expect([...times.keys()].sort()).toEqual([kept.sha256, renewed.sha256].sort());
    for (const time of times.values()) expect(time.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1000);
  });

  test('who puts while others remove finds its bytes afterwards', async () => {
    const store = await place().store('race');
    const texts = Array.from({ length: 24 }, (_, i) => `blob ${i}`);
    for (const text of texts) await store.put(Buffer.from(text));
    await sleep(2100);
    const before = new Date();
    await Promise.all(
      texts.map(async (text, i) => {
        const removing = sleep(i % 6).then(() => Promise.all([store.removeOld?.(sha(text), before), store.removeOld?.(sha(text), before)]));
        const blob = await store.put(Buffer.from(text));
        await removing;
        expect(await textOf(store.open(blob))).toBe(text);
      }),
    );
  });

  test('two stores beside each other see nothing of each other', async () => {
    const [one, two] = await Promise.all([place().store('apart'), place().store('apart-2')]);
    const blob = await one.put(Buffer.from('mine'));
    expect(await two.has(blob)).toBe(false);
    expect(await all(two)).toEqual([]);
    await two.put(Buffer.from('mine'));
    expect(await two.removeOld?.(blob.sha256, soon())).toBe(true);
    expect(await one.has(blob)).toBe(true);
  });

  test('a check writes, reads and leaves nothing', async () => {
    const store = await place().store('checked');
    expect(await checkStore(store)).toEqual({ ok: true });
    expect(await all(store)).toEqual([]);
  });

  test('a blob crosses to a local store and back, and only once', async () => {
    const [store, local] = [await place().store('crossing'), localStore(tempFolder())];
    const blob = await local.put(Buffer.from('crossing'));
    expect(await copyBlob(blob, local, store)).toMatchObject({ sha256: blob.sha256, uri: expect.stringMatching(place().uri) });
    expect(await copyBlob(blob, local, store)).toBeUndefined();
    const back = localStore(tempFolder());
    expect(await copyBlob(blob, store, back)).toMatchObject({ uri: expect.stringMatching(/^file:/) });
    expect(await textOf(back.open(blob))).toBe('crossing');
    await expect(copyBlob({ sha256: sha('none'), size: 4 }, store, back)).rejects.toThrow(ArtifactCorrupt);
  });
}

/** A store on a server, which a proxy may stand in front of. */
export interface Server {
  port: number;
  /** By way of that port, unless the server's own. */
  spec(name: string, port?: number): ArtifactStoreSpec;
  client(name: string, port?: number): Promise<ObjectClient>;
}

/** What a store across a network must bear. */
export function networkContract(server: () => Server): void {
  let proxy: TcpProxy;
  const open = (name: string, port?: number) => openStore(server().spec(name, port), '/');
  beforeAll(async () => {
    proxy = await tcpProxy(server().port);
  });
  afterAll(() => proxy?.close());

  test('a connection that breaks in the middle of a download goes on where it broke', async () => {
    const store = new ObjectStore(await server().client('cut-down', proxy.port), { stallMs: 1000 });
    const bytes = randomBytes(20 * MIB);
    const blob = await store.put(bytes);
    const cut = proxy.cut('down', 7 * MIB);
    expect(Buffer.compare(await collect(store.open(blob), blob.size), bytes)).toBe(0);
    expect(cut.done).toBe(true);
  });

  test('a connection that breaks in the middle of an upload is taken up again', async () => {
    const store = await open('cut-up', proxy.port);
    for (const source of [randomBytes(20 * MIB), randomBytes(5 * MIB)]) {
      const cut = proxy.cut('up', source.length * 0.6);
      const blob = await store.put(chunksOf(source));
      expect(cut.done).toBe(true);
      expect(sha(await collect(store.open(blob), blob.size))).toBe(sha(source));
    }
  });

  test('bytes that change on their way are refused, and worth another try', async () => {
    const store = await open('flipped', proxy.port);
    for (const size of [5 * MIB, 20 * MIB]) {
      const bytes = randomBytes(size);
      const flip = proxy.flip(size * 0.6);
      const error = await store.put(bytes).catch((e: unknown) => e);
      expect(flip.done).toBe(true);
      expect(String(error)).toMatch(/the bytes changed on their way/);
      expect(error).toBeInstanceOf(ServiceUnavailable);
      expect(await store.has({ sha256: sha(bytes), size })).toBe(false);
      expect(sha(await collect(store.open(await store.put(bytes))))).toBe(sha(bytes));
    }
  });

  test('a blob that is put again while it is removed is there afterwards', async () => {
    const [store, slow] = await Promise.all([open('gc'), open('gc', proxy.port)]);
    for (const source of [Buffer.from('small'), randomBytes(9 * MIB)]) {
      const blob = await store.put(source);
      let putting: Promise<unknown> | undefined;
      proxy.before(/^DELETE \S*sha256/, () => {
        putting = store.put(source);
        return Promise.race([putting, sleep(500)]);
      });
      await slow.removeOld?.(blob.sha256, soon());
      expect(putting).toBeDefined();
      await putting;
      expect(sha(await collect(store.open(blob), blob.size))).toBe(blob.sha256);
    }
  });

  test('what is there is not sent again', async () => {
    const store = await open('again', proxy.port);
    await store.put(Buffer.alloc(9 * MIB, 1));
    // Breaks as soon as a second copy of the bytes passes.
    const cut = proxy.cut('up', MIB);
    for (const source of [Buffer.alloc(9 * MIB, 1), chunksOf(Buffer.alloc(9 * MIB, 1))]) await store.put(source);
    expect(cut.done).toBe(false);
    proxy.cut('up', Number.POSITIVE_INFINITY);
  });

  test('a list goes on from page to page', async () => {
    const store = await open('pages');
    const blobs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => store.put(Buffer.from(text))));
    await store.put(Buffer.from('c'));
    const client = await server().client('pages');
    const keys: string[] = [];
    for await (const { key } of client.list('sha256/', 2)) keys.push(key);
    expect(keys).toEqual(blobs.map(({ sha256 }) => `sha256/${sha256.slice(0, 2)}/${sha256}`).sort());
  });

  test.concurrent('a large stream passes in little memory', async () => {
    const args = ['-C', 'flowyml-source', '--import', REGISTER, PASS_THROUGH, JSON.stringify(server().spec('memory')), '200'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = await textOf(child.stdout);
    const { passed, grown } = JSON.parse(output) as { passed: number; grown: number };
    expect(passed).toBe(200);
    expect(grown).toBeLessThanOrEqual(128);
  });

  test.concurrent('nobody there: worth another try, and said where', async () => {
    const port = await getPort();
    const error = await failureOfPut(await open('x', port));
    expect(error).toBeInstanceOf(ServiceUnavailable);
    expect(error.message).toMatch(/^cannot (read|write to) the artifact store in the (bucket|container) 'artifacts' at http/);
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).toContain('cannot be reached: the connection was refused (ECONNREFUSED); check the network');
  });
}

/** The error of a put; fails where it succeeds. */
export async function failureOfPut(store: ArtifactStore): Promise<Error> {
  return store.put(Buffer.from('x')).then(
    () => {
      throw new Error('it was stored');
    },
    (error: Error) => error,
  );
}

/** What a store says when a person must change something: the same however it is asked. */
export async function expectUsage(store: ArtifactStore, problem: RegExp, remedy: RegExp): Promise<void> {
  const error = await failureOfPut(store);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toMatch(problem);
  expect(error.message).toMatch(remedy);
  const check = await checkStore(store);
  expect(check).toEqual({ ok: false, problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) });
  expect(check.problem).not.toContain(check.remedy);
}
