import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type RunningCommand, type TestProject } from '../support/project.ts';

const PIPELINES = `
import { appendFileSync } from 'node:fs';
import { mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

const n = z.number();
const ledger = (line) => appendFileSync(process.env.TEST_LEDGER, line + '\\n');
const list = z.array(n);

const items = step({ name: 'items', params: { count: n }, outputs: { items: list } }, ({ count }) => { ledger('items'); return Array.from({ length: count }, (_, i) => i + 1); });
const total = step({ name: 'total', inputs: { items: list }, outputs: { total: n } }, ({ items }) => { ledger('total'); return items.reduce((a, b) => a + b, 0); });
export const sums = pipeline('sums', { steps: [items, total], context: { unused: 1 } });
export const again = pipeline('again', { steps: [items, step({ name: 'least', inputs: { items: list }, outputs: { least: n } }, ({ items }) => { ledger('least'); return Math.min(...items); })] });

export const empties = pipeline('empties', { steps: [
  step({ name: 'nothing', outputs: { nothing: z.null() } }, () => { ledger('nothing'); return null; }),
  step({ name: 'empty', outputs: { empty: list } }, () => { ledger('empty'); return []; }),
  step({ name: 'silent' }, () => { ledger('silent'); }),
] });

export const policies = pipeline('policies', { steps: [
  step({ name: 'never', cache: false, outputs: { a: n } }, () => { ledger('never'); return Math.random(); }),
  step({ name: 'brief', cache: { ttl: '1 hour' }, outputs: { b: n } }, () => { ledger('brief'); return 1; }),
  step({ name: 'careless', cache: { ignore: ['label'] }, params: { label: z.string().default('x'), size: n.default(1) }, outputs: { c: n } }, ({ size }) => { ledger('careless'); return size; }),
] });

// The first step gives the same bytes whatever its param: all after it hits.
export const cutoff = pipeline('cutoff', { steps: [
  step({ name: 'rounds', group: 'gpu', params: { x: n }, outputs: { rounded: n } }, ({ x }) => { ledger('rounds'); return Math.round(x); }),
  step({ name: 'after', group: 'gpu', inputs: { rounded: n }, outputs: { after: n } }, ({ rounded }) => { ledger('after'); return rounded + 1; }),
  step({ name: 'further', inputs: { after: n }, outputs: { further: n } }, ({ after }) => { ledger('further'); return after + 1; }),
] });

export const shaky = pipeline('shaky', { steps: [
  step({ name: 'fails', outputs: { f: n }, onFailure: () => -1 }, () => { ledger('fails'); throw new Error('no'); }),
  step({ name: 'decided', params: { go: z.boolean() }, outputs: { d: n }, when: (_, { go }) => go }, () => { ledger('decided'); return 1; }),
] });

export const slow = pipeline('slow', { steps: [step({ name: 'sleeps', params: { key: z.string() }, outputs: { s: n } }, async () => { ledger('sleeps'); await new Promise((r) => setTimeout(r, 600)); return 1; })] });

export const large = pipeline('large', { steps: [
  step({ name: 'makes', outputs: { big: list } }, () => { ledger('makes'); return Array.from({ length: 5000 }, (_, i) => i); }),
  step({ name: 'reads', inputs: { big: list }, params: { salt: n.default(0) }, outputs: { size: n } }, ({ big }) => { ledger('reads'); return big.length; }),
] });

export const mapped = pipeline('mapped', { steps: [
  items,
  mapStep({ name: 'square', items: 'items', item: n, outputs: { squares: n }, batchSize: 4 }, ({ item }) => { ledger('square ' + item); return item ** 2; }),
  step({ name: 'sum', inputs: { squares: list }, outputs: { sum: n } }, ({ squares }) => squares.reduce((a, b) => a + b, 0)),
] });

const link = (i) => step({ name: 's' + i, inputs: i ? { ['o' + (i - 1)]: n } : {}, outputs: { ['o' + i]: n } }, (args) => i + 1);
export const hundred = pipeline('hundred', { steps: Array.from({ length: 100 }, (_, i) => link(i)) });
`;

let project: TestProject;
let worker: RunningCommand;
let ledgerFile: string;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  ledgerFile = join(project.root, 'ledger');
  project.env.TEST_LEDGER = ledgerFile;
  worker = project.start('worker', 'p.ts', '--concurrency', '4');
  await worker.until(/serves/);
});
afterAll(() => project.remove());
beforeEach(() => writeFileSync(ledgerFile, ''));

const ledger = () => readFileSync(ledgerFile, 'utf8').split('\n').filter(Boolean);
async function run(pipeline: string, params: Record<string, unknown> = {}, request: Record<string, unknown> = {}): Promise<RunResult> {
  const { temporal } = await project.session();
  const handle = await temporal.client.workflow.start(pipeline, {
    workflowId: `${project.name}-${pipeline}-${Math.random()}`,
    taskQueue: project.name,
    args: [{ params, ...request }],
  });
  return handle.result();
}
const statuses = (result: RunResult) => Object.fromEntries(Object.entries(result.steps).map(([name, step]) => [name, step.status]));
const value = (result: RunResult, step: string, output: string) => result.steps[step]?.outputs[output]?.value;

describe('a result', () => {
  it('is reused for the same code, inputs and params, and for no others', async () => {
    expect(value(await run('sums', { count: 3 }), 'total', 'total')).toBe(6);
    // The case that the Python original gets wrong: three items cached, then ten.
    expect(value(await run('sums', { count: 10 }), 'total', 'total')).toBe(55);
    expect(ledger()).toEqual(['items', 'total', 'items', 'total']);
    const third = await run('sums', { count: 3 });
    expect(statuses(third)).toEqual({ items: 'cached', total: 'cached' });
    expect(value(third, 'total', 'total')).toBe(6);
    expect(ledger()).toHaveLength(4);
  });

  it('is shared by pipelines that have the step', async () => {
    await run('sums', { count: 4 });
    expect(statuses(await run('again', { count: 4 }))).toEqual({ items: 'cached', least: 'succeeded' });
  });

  it('does not depend on context keys that no step declares', async () => {
    await run('sums', { count: 5 });
    expect(statuses(await run('sums', { count: 5, unused: 2 }))).toEqual({ items: 'cached', total: 'cached' });
  });

  it('that is null, empty or nothing is a result like any other', async () => {
    await run('empties');
    expect(statuses(await run('empties'))).toEqual({ nothing: 'cached', empty: 'cached', silent: 'cached' });
    expect(ledger().sort()).toEqual(['empty', 'nothing', 'silent']);
  });

  it('of a failure, a fallback or a skip is not kept', async () => {
    await run('shaky', { go: false });
    const second = await run('shaky', { go: true });
    expect(second.steps.fails).toMatchObject({ status: 'succeeded', fallback: true });
    expect(second.steps.decided?.status).toBe('succeeded');
    expect(ledger().sort()).toEqual(['decided', 'fails', 'fails']);
    expect(statuses(await run('shaky', { go: false })).decided).toBe('skipped');
    expect(statuses(await run('shaky', { go: true })).decided).toBe('cached');
  });

  it('that is damaged is made again when somebody reads it', async () => {
    const first = await run('large', { salt: 7 });
    const file = new URL(first.steps.makes?.outputs.big?.uri ?? '');
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file, 'utf8').replace('4999', '4998'));
    writeFileSync(ledgerFile, '');
    const second = await run('large', { salt: 8 });
    expect(statuses(second)).toEqual({ makes: 'succeeded', reads: 'succeeded' });
    expect(ledger()).toEqual(['makes', 'reads']);
    expect(statuses(await run('large', { salt: 8 }))).toEqual({ makes: 'cached', reads: 'cached' });
  });

  it('counts only while its bytes are there', async () => {
    const first = await run('large');
    expect(statuses(await run('large'))).toEqual({ makes: 'cached', reads: 'cached' });
    const uri = first.steps.makes?.outputs.big?.uri ?? '';
    rmSync(new URL(uri), { force: true });
    const third = await run('large', { salt: 1 });
    expect(statuses(third)).toEqual({ makes: 'succeeded', reads: 'succeeded' });
  });
});

describe('a map', () => {
  it('hits item by item, and as a whole', async () => {
    await run('mapped', { count: 6 });
    writeFileSync(ledgerFile, '');
    const more = await run('mapped', { count: 9 });
    expect(
      ledger()
        .filter((line) => line.startsWith('square'))
        .sort(),
    ).toEqual(['square 7', 'square 8', 'square 9']);
    expect(more.steps.square).toMatchObject({ status: 'succeeded', map: { items: 9, cached: 6, failed: 0 } });
    expect(value(more, 'sum', 'sum')).toBe(285);
    expect(statuses(await run('mapped', { count: 9 }))).toEqual({ items: 'cached', square: 'cached', sum: 'cached' });
  });
});

describe('a policy', () => {
  it('of a step is obeyed: never, for a while, whatever some params say', async () => {
    await run('policies', { label: 'a' });
    const second = await run('policies', { label: 'b' });
    expect(statuses(second)).toEqual({ never: 'succeeded', brief: 'cached', careless: 'cached' });
    // An hour later, as far as the entry knows.
    const { db } = await project.session();
    await db.client`update flowyml.cache set expires_at = expires_at - interval '1 hour' where step = 'brief'`;
    const third = await run('policies', { label: 'b', size: 1 });
    expect(statuses(third)).toEqual({ never: 'succeeded', brief: 'succeeded', careless: 'cached' });
    expect(statuses(await run('policies', { size: 2 })).careless).toBe('succeeded');
  });

  it('of a run is obeyed: off, refresh, recompute', async () => {
    await run('sums', { count: 20 });
    expect(statuses(await run('sums', { count: 20 }, { cache: false }))).toEqual({ items: 'succeeded', total: 'succeeded' });
    expect(statuses(await run('sums', { count: 20 }, { cache: 'refresh' }))).toEqual({ items: 'succeeded', total: 'succeeded' });
    expect(statuses(await run('sums', { count: 20 }, { recompute: ['items'] }))).toEqual({ items: 'succeeded', total: 'cached' });
    await run('sums', { count: 21 }, { cache: false });
    expect(statuses(await run('sums', { count: 21 }))).toEqual({ items: 'succeeded', total: 'succeeded' });
  });
});

describe('a step that runs again and gives the same bytes', () => {
  it('lets everything after it hit, in its own group and elsewhere', async () => {
    await run('cutoff', { x: 1.1 });
    const second = await run('cutoff', { x: 1.2 });
    expect(statuses(second)).toEqual({ rounds: 'succeeded', after: 'cached', further: 'cached' });
    expect(ledger()).toEqual(['rounds', 'after', 'further', 'rounds']);
  });
});

describe('single flight', () => {
  it('computes a step once, however many runs want it at once', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, () => run('slow', { key: 'same' })));
    expect(ledger()).toEqual(['sleeps']);
    const ended = results.map((result) => result.steps.sleeps?.status);
    expect(ended.filter((status) => status === 'succeeded')).toHaveLength(1);
    expect(ended.filter((status) => status === 'cached')).toHaveLength(11);
  });
});

describe('a run of which all is known', () => {
  it('asks no group and adds one marker to the history', async () => {
    await run('hundred');
    const { temporal } = await project.session();
    const handle = await temporal.client.workflow.start('hundred', {
      workflowId: `${project.name}-known`,
      taskQueue: project.name,
      args: [{}],
    });
    const result = (await handle.result()) as RunResult;
    expect(new Set(Object.values(statuses(result)))).toEqual(new Set(['cached']));
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.markerRecordedEventAttributes)).toHaveLength(1);
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(0);
  });
});
