import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { UsageError } from '../../../pipelines/errors.ts';
import type { ArtifactStoreSpec } from '../../../pipelines/stack-spec.ts';
import { checkStore } from '../../../stacks/stores/check-store.ts';
import { copyBlob } from '../../../stacks/stores/copy.ts';
import { openStore } from '../../../stacks/stores/open-store.ts';
import { tempFolder, textOf } from '../../artifacts/helpers.ts';

test('a local path counts from the project', async () => {
  const root = tempFolder();
  const store = await openStore({ type: 'local', path: 'here/artifacts' }, root);
  expect((await store.put(Buffer.from('x'))).uri).toContain(`${root}/here/artifacts/sha256/`);
  expect(await checkStore(store)).toEqual({ ok: true });
});

test('a local folder that cannot be written', async () => {
  const root = tempFolder();
  writeFileSync(join(root, 'file'), '');
  const check = await checkStore(await openStore({ type: 'local', path: 'file/store' }, root));
  expect(check).toEqual({ ok: false, problem: expect.stringContaining(`cannot write to the artifact store in ${root}/file/store`) });
});

test("only a cloud's store loads the cloud's client", () => {
  const url = (path: string) => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const refuse =
    "export async function resolve(name, context, next) { if (/^@(aws-sdk|azure|google-cloud)/.test(name)) throw new Error('asked for ' + name); return next(name, context); }";
  const script = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(refuse)}));
    const { openStore } = await import(${url('stacks/stores/open-store.ts')});
    const { checkStore } = await import(${url('stacks/stores/check-store.ts')});
    console.log((await checkStore(await openStore({ type: 'local', path: 'store' }, ${JSON.stringify(tempFolder())}))).ok);
    for (const type of ['gcs', 's3', 'azure'])
      await openStore({ type, bucket: 'b', container: 'c', account: 'a' }, '/').catch((error) => console.log(error.message));`;
  const register = new URL('../../../loader/register.mjs', import.meta.url).href;
  const args = ['-C', 'flowyml-source', '--import', register, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    'true',
    'asked for @google-cloud/storage',
    'asked for @aws-sdk/client-s3',
    'asked for @azure/storage-blob',
  ]);
});

test.each<[string, object, RegExp]>([
  ['an unknown type', { type: 'gsc' }, /type 'gsc' is not known; did you mean 'gcs'\?/],
  ['a path for a bucket', { type: 's3', bucket: 's3://b/x' }, /bucket: expected the bucket's name alone, received 's3:\/\/b\/x'/],
  ['no bucket', { type: 'gcs', bucket: '' }, /bucket: expected/],
  ['an endpoint without a scheme', { type: 's3', bucket: 'b', endpoint: 'localhost:9000' }, /endpoint: expected http:/],
  ['a prefix that leads elsewhere', { type: 's3', bucket: 'b', prefix: 'a/../b' }, /prefix: '\.' and '\.\.'/],
])('%s is refused', async (_, spec, message) => {
  const error = await openStore(spec as ArtifactStoreSpec, '/').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(message);
});

test('an endpoint with a password in it is refused, and not shown', async () => {
  const opening = openStore({ type: 's3', bucket: 'b', endpoint: 'http://me:hush@host' }, '/');
  await expect(opening).rejects.toThrow(/endpoint: expected.*neither credentials/);
  await expect(openStore({ type: 's3', bucket: 'b', endpoint: 'http://me:hush@host' }, '/')).rejects.not.toThrow(/hush/);
});

test('a store of one’s own: made from its options, checked, used', async () => {
  const root = tempFolder();
  writeFileSync(
    join(root, 'memory-store.mjs'),
    `import { createHash } from 'node:crypto';
    export default ({ label }, { root }) => {
      const blobs = new Map();
      return {
        async put(source) {
          const chunks = [];
          for await (const chunk of source instanceof Uint8Array ? [source] : source) chunks.push(chunk);
          const bytes = Buffer.concat(chunks);
          const sha256 = createHash('sha256').update(bytes).digest('hex');
          blobs.set(sha256, bytes);
          return { sha256, size: bytes.length, uri: label + ':' + root + '/' + sha256 };
        },
        async *open({ sha256 }) { yield blobs.get(sha256); },
        async has({ sha256, size }) { return blobs.get(sha256)?.length === size; },
      };
    };`,
  );
  const store = await openStore({ type: 'custom', module: 'memory-store.mjs', options: { label: 'mine' } }, root);
  expect(await checkStore(store)).toEqual({ ok: true });
  const local = await openStore({ type: 'local', path: 'store' }, root);
  const blob = await local.put(Buffer.from('copied'));
  expect((await copyBlob(blob, local, store))?.uri).toBe(`mine:${root}/${blob.sha256}`);
  expect(await copyBlob(blob, local, store)).toBeUndefined();
  expect(await textOf(store.open(blob))).toBe('copied');
});

test('a store of one’s own that is none', async () => {
  const root = tempFolder();
  writeFileSync(join(root, 'no-default.mjs'), 'export const store = 1;');
  writeFileSync(join(root, 'half.mjs'), 'export default () => ({ put() {} });');
  const open = (module: string) => openStore({ type: 'custom', module }, root);
  await expect(open('./no-default.mjs')).rejects.toThrow(
    /no-default.mjs: expected a default export \(options, \{ root \}\) => ArtifactStore, found undefined/,
  );
  await expect(open('./half.mjs')).rejects.toThrow(/half.mjs: what its default export returns lacks open\(\), has\(\)/);
});
