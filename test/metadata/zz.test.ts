import { it } from 'vitest';
import { makeProject } from '../support/project.ts';
const P = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';
export const nul = pipeline('nul', { steps: [step({ name: 'a', outputs: { x: z.string() } }, () => { console.log('runs'); return 'a\\u0000b'; }), step({ name: 'b', inputs: { x: z.string() } }, ({ x }) => { console.log(JSON.stringify(x)); })] });
export const half = pipeline('half', { steps: [step({ name: 'a', outputs: { x: z.string() } }, () => 'a\\ud800b'), step({ name: 'b', inputs: { x: z.string() } }, ({ x }) => { console.log(JSON.stringify(x)); })] });
export const err = pipeline('err', { steps: [step({ name: 'a' }, () => { throw new Error('a\\u0000b\\ud800'); })] });
export const big = pipeline('big', { steps: [step({ name: 'a' }, () => { throw new Error('x'.repeat(3_000_000)); })] });
export const long = pipeline('long', { steps: [step({ name: 'a', timeout: '30 days' }, () => new Promise((r) => setTimeout(r, 300)))] });
export const par = pipeline('par', { steps: [step({ name: 'a', params: { s: z.string() } }, ({ s }) => { console.log(s); })] });
export const prog = pipeline('prog', { steps: [step({ name: 'a' }, (_, run) => { run.progress(0.5, 'a\\u0000b'); run.metric('m\\u0000', 1); console.log('x\\ud800y\\u0000'); run.log.info('q', { z: '\\u0000' }); })] });
export const desc = pipeline('desc', { description: 'a\\u0000', steps: [step({ name: 'a' }, () => {})] });
`;
it('x', async () => {
  const p = await makeProject({ 'p.ts': P });
  const w = p.start('worker', 'p.ts');
  await w.until(/serves/);
  for (const [n, ...a] of [['nul'], ['half'], ['err'], ['big'], ['long'], ['par', '-p', 's="\\ud800"'], ['par', '-p', 's="\\u0000"'], ['par', '-p', 's=\\u0000'], ['prog'], ['desc']] as string[][]) {
    const t = Date.now();
    const r = await Promise.race([p.flowyml('run', `p.ts#${n}`, '--json', ...a), new Promise<{ code: number; stdout: string; stderr: string }>((res) => setTimeout(() => res({ code: -1, stdout: '', stderr: 'HANGS 40 s' }), 40_000))]);
    console.log('##', n, a, r.code, Date.now() - t, 'ms', r.stdout.slice(0, 900), '\nERR', r.stderr.slice(0, 400));
    if (n === 'nul' || n === 'prog') { const id = JSON.parse(r.stdout || '{}').runId; console.log((await p.flowyml('runs', 'logs', id ?? 'x')).stdout); }
  }
  console.log(w.output().slice(-1500));
  await p.remove();
}, 600_000);
