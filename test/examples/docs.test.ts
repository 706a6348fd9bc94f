import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '../../cli/program.ts';

// What the guides and the examples' READMEs show must be there.

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(CLONE, 'node_modules', 'typescript', 'bin', 'tsc');
const pages = [
  ...readdirSync(join(CLONE, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(CLONE, 'examples')).map((name) => `examples/${name}/README.md`),
];
const text = (page: string) => readFileSync(join(CLONE, page), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'flowyml-docs-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.each(pages)('%s', (page) => {
  it('calls flowyml as it is', async () => {
    const flowyml = await program();
    const calls = [...text(page).matchAll(/(?:npx flowyml|`flowyml) ([a-z][^`#|\n&;]*)/g)];
    for (const [call, line = ''] of calls) {
      const words = line.trim().split(/\s+/);
      let command = flowyml;
      for (let next = command; next; ) {
        command = next;
        next = command.commands.find((each) => each.name() === words[0]) as typeof flowyml;
        if (next) words.shift();
      }
      expect(command, `${page}: ${call}`).not.toBe(flowyml);
      expect(command.commands.length && words.length, `${page}: ${call}`).toBeFalsy();
      const options = command.options.flatMap(({ short, long }) => [short, long]);
      for (const word of words.filter((each) => /^--?[a-z]/.test(each))) expect(options, `${page}: ${call}`).toContain(word);
    }
  });

  it('links to what is there', () => {
    for (const [, link = '', anchor] of text(page).matchAll(/\]\((?!http)([^)#]*)(?:#([^)]*))?\)/g)) {
      const target = link ? join(dirname(page), link) : page;
      const found = text(target); // throws where it is missing
      if (anchor) expect(headings(found), `${page}: #${anchor}`).toContain(anchor);
    }
  });
});

it('every module in the guides compiles', async () => {
  mkdirSync(join(work, 'node_modules'));
  mkdirSync(join(work, 'pipelines'));
  symlinkSync(CLONE, join(work, 'node_modules', 'flowyml'));
  for (const name of ['zod', '@types']) symlinkSync(join(CLONE, 'node_modules', name), join(work, 'node_modules', name));
  writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ extends: join(CLONE, 'tsconfig.json'), include: ['*.ts'] }));
  let modules = 0;
  for (const page of pages) {
    for (const [, code = ''] of text(page).matchAll(/^```ts\n(import [\s\S]*?)^```$/gm)) {
      writeFileSync(join(work, `block-${modules++}.ts`), `// ${page}\n${code}`);
      // What other blocks call the pipeline of a project.
      if (/name: 'train'.*\n/.test(code) && page === 'docs/pipelines.md') writeFileSync(join(work, 'pipelines', 'training.ts'), code);
    }
  }
  expect(modules).toBeGreaterThanOrEqual(5);
  const output = await new Promise((resolve) =>
    execFile(process.execPath, [TSC, '-p', work, '--pretty', 'false'], (_, stdout, stderr) => resolve(stdout + stderr)),
  );
  expect(output).toBe('');
});

const headings = (page: string) =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
