import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { identityVersion } from '../../identity/step-identity.ts';
import { BASE } from './steps/base-project.ts';
import { compute, writeFiles } from './steps/compute.ts';
import { TYPESCRIPT } from './steps/typescript.ts';

const GOLDEN = fileURLToPath(new URL('./fixtures/golden.json', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-golden-')));
afterAll(() => rmSync(folder, { recursive: true }));

// Whose version never changes.
const ZOD = {
  'node_modules/zod/package.json': '{ "name": "zod", "version": "9.9.9", "type": "module", "exports": "./index.js" }',
  'node_modules/zod/index.js':
    'export const z = new Proxy(() => z, { get: (target, key) => (typeof key === "string" ? z : target[key]) });\n',
};

it('has not changed unless identityVersion did', async () => {
  const root = writeFiles(folder, { ...BASE, ...TYPESCRIPT, ...ZOD });
  const [computed] = await compute([{ root, module: join(root, 'pipelines/main.ts') }]);
  expect(computed?.error).toBeUndefined();
  const hashes = Object.fromEntries(Object.entries(computed?.steps ?? {}).map(([name, { hash }]) => [name, hash]));
  const actual = { identityVersion, hashes };
  if (process.env.FLOWYML_UPDATE_GOLDEN) writeFileSync(GOLDEN, `${JSON.stringify(actual, null, 2)}\n`);
  // An image built by an older flowyml carries these. If one must change, change identityVersion too, then run this test
  // once with FLOWYML_UPDATE_GOLDEN=1.
  expect(actual).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
});
