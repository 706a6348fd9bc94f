import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BLOCKS, partial, pending } from './pending.ts';

// Every code block of the seeds has a twin here, or a reason why not yet.
const ids = Object.entries(BLOCKS).flatMap(([seed, count]) =>
  Array.from({ length: count }, (_, i) => `${seed}-${String(i + 1).padStart(2, '0')}`),
);
const here = (folder: string) => readdirSync(new URL(folder, import.meta.url));
const twins = here('.').flatMap((file) => (/^(?!table).*\.test\.ts$/.test(file) ? file.slice(0, -'.test.ts'.length).split('+') : []));

it.each(ids)('%s has one twin, or stands in pending.ts', (id) => {
  const places = [...twins.filter((twin) => twin === id).map(() => 'twin'), ...(id in pending ? ['pending.ts'] : [])];
  expect(places).toHaveLength(1);
});

it('twins, their code, and both lists name blocks that exist', () => {
  const code = here('twins').map((file) => /^(\d+-\d+)(?:-run)?\.ts$/.exec(file)?.[1] ?? file);
  expect([...twins, ...Object.keys(pending), ...Object.keys(partial)].filter((id) => !ids.includes(id))).toEqual([]);
  expect([...code, ...Object.keys(partial)].filter((id) => !twins.includes(id))).toEqual([]);
});

it('every reason is a line, and of an issue', () => {
  for (const { reason, issue } of [...Object.values(pending), ...Object.values(partial)]) {
    expect(reason).toMatch(/^\S.{3,}$/);
    expect([3, 4, 5, 6, 7, 'later']).toContain(issue);
  }
});
