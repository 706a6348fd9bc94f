import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const CALLEE = new URL('../../pipelines/defining-file.ts', import.meta.url).href;
const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-defining-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes a file and runs it with the loader, in a process of its own; gives what it prints. */
function ran(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return execFileSync(process.execPath, ['-C', 'flowyml-source', '--import', REGISTER, file], { encoding: 'utf8' }).trim();
}

const SCRIPT = `
import { definingFile } from '${CALLEE}';
const make = () => definingFile(make);
console.log(make());
`;

it.each(['plain.ts', 'with spaces/p.ts', 'copy (1)/p.ts', 'größe/p (2).ts', '50% #1/p.mts', 'deep/er/p.js'])('is %s', (path) => {
  if (path.endsWith('.js')) writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  expect(ran(path, SCRIPT)).toBe(join(root, path));
});

it('is the file that called, not one that called that, whatever the kind of frame', () => {
  writeFileSync(join(root, 'lib.ts'), `import { definingFile } from '${CALLEE}';\nexport const make = () => definingFile(make);\n`);
  const text = `
    import { make } from './lib.ts';
    class Maker { static one = make(); two = make(); static async three() { await 1; return make(); } }
    const files = [Maker.one, new Maker().two, await Maker.three(), [1].map(() => make())[0], eval('make()')];
    console.log([...new Set(files)].join());
  `;
  expect(ran('kinds.ts', text)).toBe(join(root, 'kinds.ts'));
});

it('is nothing where no file called', () => {
  const text = `
    import { definingFile } from '${CALLEE}';
    const make = () => { console.log(String(definingFile(make))); };
    setTimeout(make, 1);
  `;
  expect(ran('timer.ts', text)).toBe('undefined');
});
