import { expect, it } from 'vitest';
import { makeProject } from '../support/project.ts';
it('x', async () => {
  const t0 = Date.now();
  const p = (name: string) => `import { pipeline, step } from 'flowyml'; import { z } from 'zod';
let count = 0;
export const a = step({ name: 'a', params: { k: z.number() }, outputs: { x: z.number() } }, () => ++count);
export const b = step({ name: 'b', inputs: { x: z.number() }, outputs: { y: z.number() } }, ({x}) => ++count);
export const dev = pipeline('dev', { steps: [a, b], context: {k: 1, path: 'x'} });
export const prod = pipeline('prod', { steps: [a], context: { k: 2 } });
export const prod2 = pipeline('prod', { steps: [a, b], context: { k: 2 } });
`;
  const project = await makeProject({
    'p.ts': p('p'),
    'main.ts': `import { run } from 'flowyml'; import { dev, prod } from './p.ts';
const t = Date.now();
const [x, y] = await Promise.all([run(dev), run(prod)]);
console.log(Date.now() - t, x.summary(), y.summary());
const z = await Promise.all([run(dev), run(dev, { params: { k: 3 } })]);
console.log(Date.now() - t, z[0].summary(), z[1].summary());
`,
    'one.ts': `import { run } from 'flowyml'; import { dev, prod } from './p.ts';
const t = Date.now();
for (const p of [dev, dev, dev, dev]) { const x = await run(p);
console.log(Date.now() - t, x.durationMs, JSON.stringify(x.outputs)); }
`,
  });
  console.log('made', Date.now() - t0);
  const r = await project.script('main.ts');
  console.log(r.stdout, r.stderr, r.code, Date.now() - t0);
  console.log((await project.flowyml('run', 'p.ts#prod2')), Date.now() - t0);
  const w = project.start('worker', 'p.ts');
  await w.until(/serves/).catch((e) => console.log(e.message));
  console.log('worker', Date.now() - t0);
  const s = await project.script('one.ts');
  console.log(s.stdout, s.stderr, s.code, Date.now() - t0);
  await project.remove();
  expect(1).toBe(1);
});
