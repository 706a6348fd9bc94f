import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  assetLineage,
  type Database,
  type Lineage,
  listAssets,
  listExperiments,
  readExperiment,
  requireAsset,
} from '../../metadata/index.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type RunningCommand, type TestProject } from '../support/project.ts';

const PIPELINES = `
import { asset, dataset, Experiment, featureSet, file, metrics, model, pipeline, report, step } from 'flowyml';
import { z } from 'zod';

const n = z.number();
const fromParams = (name, type, more = {}) =>
  step({ name: 'make_' + name, params: { value: n, version: z.string().optional(), properties: z.record(z.string(), z.json()).optional() }, outputs: { [name]: type }, ...more },
    ({ value, ...rest }) => ({ data: value, ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined)) }));
export const numbered = pipeline('numbered', { steps: [fromParams('counted', dataset(n))] });
export const versioned = pipeline('versioned', { steps: [fromParams('thing', model(n, { name: 'thing' }))] });
export const frozen = pipeline('frozen', { steps: [fromParams('ice', model(n, { name: 'ice', version: 'v1', immutable: true }), { retry: { maxAttempts: 3 } })] });

// From data to model, with plain values between.
const raw = step({ name: 'load', params: { rows: n.default(3) }, outputs: { raw: dataset(z.array(n), { name: 'raw-events', version: '2024.05' }) } },
  ({ rows }) => ({ data: Array.from({ length: rows }, (_, i) => i), properties: { rows, source: 'test' }, tags: { tier: 'gold' } }));
const clean = step({ name: 'clean', inputs: { raw: dataset(z.array(n)) }, outputs: { cleaned: z.array(n) } }, ({ raw }) => raw.data.filter((x) => x > 0));
const build = step({ name: 'build', inputs: { cleaned: z.array(n) }, outputs: { features: featureSet(z.array(n), { name: 'features' }) } }, ({ cleaned }) => ({ data: cleaned.map((x) => x * 2) }));
const train = step({ name: 'train', inputs: { features: featureSet(z.array(n)), raw: dataset(z.array(n)) }, params: { lr: n.default(0.5) }, outputs: { fitted: model(n, { name: 'detector' }), scores: metrics({ name: 'validation' }) } },
  ({ features, raw, lr }, run) => {
    for (let i = 1; i <= 5; i++) run.metric('loss', lr / i, { step: i });
    run.metric('auc', 0.5);
    return { fitted: { data: features.data.length * lr, parent: features, properties: { seen: [raw.version, raw.revision, features.version] } }, scores: { auc: lr, rmse: 1 - lr } };
  });
export const training = pipeline('training', { steps: [train, build, clean, raw] });

// Another pipeline takes what that one made.
const score = step({ name: 'score', inputs: { detector: asset('detector', model(n)) }, outputs: { score: n } }, async ({ detector }, run) => {
  await new Promise((done) => setTimeout(done, 20));
  return detector.data;
});
const tell = step({ name: 'tell', inputs: { score: n }, outputs: { card: report() } }, ({ score }) => ({ data: '<p>' + score + '</p>' }));
export const scoring = pipeline('scoring', { steps: [score, tell] });
export const pinned = pipeline('pinned', { steps: [step({ name: 'read', group: 'others', inputs: { thing: asset('thing@v3', model(n)) }, outputs: { seen: z.json() } }, ({ thing }) => [thing.data, thing.version, thing.revision])] });
export const firstOne = pipeline('first_one', { steps: [step({ name: 'read', inputs: { thing: asset('thing@v3#1', model(n)) }, outputs: { seen: z.json() } }, ({ thing }) => [thing.data, thing.revision])] });
const gate = step({ name: 'gate', outputs: { open: n }, cache: false }, () => new Promise((done) => setTimeout(() => done(1), 1500)));
export const patient = pipeline('patient', { steps: [gate, step({ name: 'late', cache: false, inputs: { open: n, moving: asset('moving@v1', model(n)) }, outputs: { seen: z.json() } }, ({ moving }) => [moving.data, moving.revision])] });
export const moving = pipeline('moving', { steps: [fromParams('moving', model(n, { name: 'moving', version: 'v1' }))] });
const bad = (name, which, type) => pipeline(name, { steps: [step({ name: 'read', inputs: { it: asset(which, type) } }, () => {})] });
export const unknownName = bad('unknown_name', 'detectr', model(n));
export const unknownVersion = bad('unknown_version', 'thing@v33', model(n));
export const otherKind = bad('other_kind', 'thing@v3', dataset(n));

export const quiet = pipeline('quiet', { experimentTracking: false, steps: [step({ name: 'measure', params: { hush: n.default(1) }, outputs: { q: metrics({ name: 'quiet-scores' }) } }, (_, run) => { run.metric('volume', 1); return { level: 2 }; })] });
export const logging = pipeline('logging', { steps: [step({ name: 'log', cache: false, outputs: { name: z.string() } }, async (_, run) => {
  const experiment = new Experiment('fraud-detection-v3');
  await experiment.logRun(run.runId, { metrics: { auc: 0.93 }, parameters: { model_uri: 'gs://models/v3' } });
  return experiment.name;
})] });
`;

let project: TestProject;
let worker: RunningCommand;
let db: Database;
beforeAll(async () => {
  project = await makeProject({ 'p.ts': PIPELINES });
  worker = project.start('worker', 'p.ts', '--concurrency', '3');
  ({ db } = await project.session());
  await worker.until(/serves/);
});
afterAll(() => project.remove());

async function start(pipeline: string, params: Record<string, unknown> = {}, request: Record<string, unknown> = {}) {
  const { temporal } = await project.session();
  return temporal.client.workflow.start(pipeline, {
    workflowId: `${pipeline}-${Math.random().toString(36).slice(2, 10)}`,
    taskQueue: project.name,
    args: [{ params, ...request }],
  });
}
const run = async (...call: Parameters<typeof start>): Promise<RunResult> => (await start(...call)).result();
const failure = async (...call: Parameters<typeof start>): Promise<string> => {
  const error = await run(...call).then(
    () => undefined,
    (error: { cause?: Error }) => error.cause,
  );
  return error?.message ?? 'it did not fail';
};
const made = (result: RunResult, step: string, output: string) => result.steps[step]?.outputs[output]?.asset;
const value = (result: RunResult, step: string, output: string) => result.steps[step]?.outputs[output]?.value;
const revisions = async (name: string) => (await listAssets(db, { name })).map((row) => `${row.version}#${row.revision}`).sort();
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await project.flowyml(...args, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

describe('versions', () => {
  it('without a version, each new content is the next number, and the same content the same one', async () => {
    expect(made(await run('numbered', { value: 1 }), 'make_counted', 'counted')).toMatchObject({
      name: 'counted',
      version: 'v1',
      revision: 1,
    });
    expect(made(await run('numbered', { value: 2 }), 'make_counted', 'counted')).toMatchObject({ version: 'v2', revision: 1 });
    expect(made(await run('numbered', { value: 1 }, { cache: false }), 'make_counted', 'counted')).toMatchObject({
      version: 'v1',
      revision: 1,
    });
    expect(made(await run('numbered', { value: 1, properties: { a: 1 } }), 'make_counted', 'counted')).toMatchObject({ version: 'v3' });
    expect(await revisions('counted')).toEqual(['v1#1', 'v2#1', 'v3#1']);
  });

  it('a version that comes with other content gets another revision; nothing is overwritten', async () => {
    expect(made(await run('versioned', { value: 1, version: 'v3' }), 'make_thing', 'thing')).toMatchObject({ version: 'v3', revision: 1 });
    expect(made(await run('versioned', { value: 2, version: 'v3' }), 'make_thing', 'thing')).toMatchObject({ version: 'v3', revision: 2 });
    expect(made(await run('versioned', { value: 1, version: 'v3' }, { cache: false }), 'make_thing', 'thing')).toMatchObject({
      revision: 1,
    });
    expect(made(await run('versioned', { value: 9 }), 'make_thing', 'thing')).toMatchObject({ version: 'v4', revision: 1 });
    expect(await revisions('thing')).toEqual(['v3#1', 'v3#2', 'v4#1']);
  });

  it('immutable: other content is a final error, the same is not', async () => {
    await run('frozen', { value: 1 });
    expect(await failure('frozen', { value: 2 })).toMatch(
      /^step 'make_ice' failed: AssetImmutable: asset 'ice@v1' is immutable and holds other content or properties, made by run 'frozen-/,
    );
    expect((await run('frozen', { value: 1 }, { cache: false })).status).toBe('succeeded');
    expect(await revisions('ice')).toEqual(['v1#1']);
  });

  it('runs that commit the same new version at once all succeed, each with a revision of its own', async () => {
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((value) => run('versioned', { value, version: 'race' }, { cache: false })));
    expect(results.map((result) => made(result, 'make_thing', 'thing')?.revision).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(results.every((result) => made(result, 'make_thing', 'thing')?.version === 'race')).toBe(true);
  });
});

describe('an asset as an input', () => {
  it('is that version, and its newest revision unless one is named', async () => {
    const result = await run('pinned');
    expect(value(result, 'read', 'seen')).toEqual([2, 'v3', 2]);
    expect(value(await run('first_one'), 'read', 'seen')).toEqual([1, 1]);
    expect((await run('pinned')).steps.read?.status).toBe('cached');
    await run('versioned', { value: 3, version: 'v3' });
    const moved = await run('pinned');
    expect(moved.steps.read?.status).toBe('succeeded');
    expect(value(moved, 'read', 'seen')).toEqual([3, 'v3', 3]);
  });

  it('is settled when the run is planned: what comes later does not change it', async () => {
    await run('moving', { value: 1 });
    const waiting = await start('patient');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await run('moving', { value: 2 });
    expect(value(await waiting.result(), 'late', 'seen')).toEqual([1, 1]);
    expect(value(await run('patient'), 'late', 'seen')).toEqual([2, 2]);
    // A retry goes on with what the run began with.
    const again = await run('patient', {}, { resumeFrom: waiting.workflowId, forceFrom: 'late' });
    expect(value(again, 'late', 'seen')).toEqual([1, 1]);
  });

  it('that is not there, or is of another kind, is a mistake in the plan that names the nearest', async () => {
    await run('training');
    expect(await failure('unknown_name')).toBe(
      "pipeline 'unknown_name': step 'read': input 'it': there is no asset 'detectr'; did you mean 'detector'?",
    );
    expect(await failure('unknown_version')).toContain("asset 'thing' has no version 'v33'; did you mean 'v");
    expect(await failure('other_kind')).toContain("input 'it' is dataset<json>, but asset 'thing@v3' is model<json>");
  });

  it('stands in the plan', async () => {
    const { stdout } = await project.flowyml('plan', 'p.ts#scoring');
    expect(stdout).toContain('takes detector = detector');
  });
});

describe('the lineage of an asset', () => {
  it('goes from data to model across runs and pipelines, both ways', async () => {
    const trained = await run('training');
    expect(made(trained, 'train', 'fitted')?.properties).toEqual({ seen: ['2024.05', 1, 'v1'] });
    const scored = await run('scoring');
    await run('scoring');
    const edges = (lineage: Lineage) => lineage.edges.map(({ from, to, step, pipeline }) => `${from} > ${pipeline}.${step} > ${to}`).sort();
    const chain = [
      'detector@v1 > scoring.tell > card@v1',
      'features@v1 > training.train > detector@v1',
      'raw-events@2024.05 > training.build > features@v1',
      'raw-events@2024.05 > training.train > detector@v1',
    ];
    expect(edges(await assetLineage(db, 'detector@v1'))).toEqual(chain);
    // From either end too; what came of the ancestors beside it is theirs.
    expect(edges(await assetLineage(db, 'card@v1'))).toEqual(chain);
    const data = await assetLineage(db, 'raw-events@2024.05');
    expect(edges(data)).toEqual(expect.arrayContaining([...chain, 'features@v1 > training.train > validation@v1']));
    expect(data.nodes.map((node) => node.asset)).toContain('card@v1');
    expect((await assetLineage(db, 'thing@v3#2')).uses).toEqual([
      { asset: 'thing@v3#2', pipeline: 'pinned', step: 'read', run: expect.stringMatching(/^pinned-/) },
    ]);
    const [{ stdout: tree }, { stdout: mermaid }] = await Promise.all([
      project.flowyml('asset', 'lineage', 'detector@v1'),
      project.flowyml('asset', 'lineage', 'detector', '--mermaid'),
    ]);
    expect(tree).toBe(`detector@v1 (model)

made from
├─ raw-events@2024.05 (dataset)  by train of training
└─ features@v1 (featureSet)  by train of training
   └─ raw-events@2024.05 (dataset)  by build of training

went into
└─ card@v1 (report)  by tell of scoring
`);
    expect(mermaid).toMatch(/^flowchart LR\n.*detector#64;v1<br\/>model/s);
    expect(mermaid).toMatch(/ -->\|tell\| /);
    expect(scored.status).toBe('succeeded');
  });

  it('list and show tell of it; what is not there is a mistake that names the nearest', async () => {
    const [models, raw, { stdout }] = await Promise.all([
      json('asset', 'list', '--kind', 'model'),
      json('asset', 'show', 'raw-events'),
      project.flowyml('asset', 'show', 'detector@v1'),
    ]);
    expect(models.map((row: { name: string }) => row.name)).toEqual(expect.arrayContaining(['detector', 'thing', 'ice', 'moving']));
    expect(models.filter((row: { name: string }) => row.name === 'thing')).toMatchObject([{ versions: 3 }]);
    expect(models.find((row: { name: string }) => row.name === 'moving')).toMatchObject({ asset: 'moving@v1#2', versions: 1 });
    expect(await revisions('moving')).toEqual(['v1#1', 'v1#2']);
    expect(raw).toMatchObject({
      asset: 'raw-events@2024.05',
      kind: 'dataset',
      properties: { rows: 3, source: 'test' },
      tags: { tier: 'gold' },
      step: 'load',
      value: [0, 1, 2],
    });
    expect(stdout).toMatch(/^detector@v1 \(model\)\n/);
    expect(stdout).toMatch(/made from +features@v1\n/);
    expect(stdout).toMatch(/taken by +scoring-/);
    for (const [name, message] of [
      ['detectr', "there is no asset 'detectr'; did you mean 'detector'?"],
      ['moving@v1#7', "asset 'moving@v1' has no revision 7; its last is moving@v1#2"],
      ['a b', `asset "a b": expected 'name', 'name@version' or 'name@version#revision', such as 'fraud-detector@v3'`],
    ] as const) {
      await expect(requireAsset(db, name)).rejects.toThrow(message);
    }
    const wrong = await Promise.all([project.flowyml('asset', 'lineage', 'detectr'), project.flowyml('asset', 'list', '--kind', 'modle')]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2]);
    expect(wrong[0].stderr).toContain("there is no asset 'detectr'; did you mean 'detector'?");
    expect(wrong[1].stderr).toContain("there is no kind 'modle'; did you mean 'model'?");
  });
});

describe('experiments', () => {
  it('hold the runs of a pipeline with params, metrics and curves; a run may belong to another', async () => {
    const first = await run('training', { lr: 0.25 });
    const second = await run('training', { lr: 0.75 });
    const known = await run('training', { lr: 0.75 });
    expect(known.steps.train?.status).toBe('cached');
    await run('training', { lr: 0.1 }, { experiment: 'sweep' });
    const [shown, { stdout }, { stdout: list }] = await Promise.all([
      json('experiment', 'show', 'training'),
      project.flowyml('experiment', 'show', 'training', '--metric', 'loss'),
      project.flowyml('experiment', 'list'),
    ]);
    expect(shown.best).toMatchObject({
      auc: { value: 0.75, better: 'higher' },
      rmse: { value: 0.25, better: 'lower' },
      loss: { value: 0.05, better: 'lower', run: first.runId },
    });
    const of = (result: RunResult) => shown.shown.find((row: { runId: string }) => row.runId === result.runId);
    // What a step's metrics() output says wins over what it measured on the way.
    expect(of(second)).toMatchObject({
      pipeline: 'training',
      status: 'succeeded',
      params: { lr: 0.75 },
      metrics: { auc: 0.75, rmse: 0.25, loss: 0.15 },
    });
    expect(of(known).metrics).toEqual(of(second).metrics);
    expect(shown.curves.loss[second.runId]).toEqual([1, 2, 3, 4, 5].map((i) => [i, 0.75 / i]));
    expect(stdout).toMatch(/Best: loss 0\.05 ↓/);
    expect(stdout).toContain(`loss, run ${second.runId}`);
    expect(stdout).toMatch(/0\.15┤.*━/);
    expect(list).toMatch(/^sweep +1 +\S+ \S+ +auc 0\.1 ↑, loss 0\.02 ↓, rmse 0\.9 ↓$/m);
  });

  it('leave out what opted out', async () => {
    const result = await run('quiet');
    expect(result.status).toBe('succeeded');
    expect((await listExperiments(db)).map((row) => row.name)).not.toContain('quiet');
    expect(await db.client`select 1 from flowyml.metrics where name = 'volume'`).toHaveLength(0);
    const ended = await project.flowyml('experiment', 'show', 'quiet');
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no experiment 'quiet'") });
  });

  it('take what is logged from elsewhere, also inside a step', async () => {
    const result = await run('logging');
    expect(value(result, 'log', 'name')).toBe('fraud-detection-v3');
    project.write(
      'log.ts',
      `import { Experiment } from 'flowyml';
const experiment = new Experiment('fraud-detection-v3');
await experiment.logRun('notebook-7', { metrics: { auc: 0.95, loss: 2 }, parameters: { epochs: 3 } });
await experiment.logRun('notebook-7', { metrics: { loss: 1 } });
for (const wrong of [() => new Experiment(''), () => experiment.logRun('x', { metrics: { auc: NaN } }), () => experiment.logRun('x', { metric: {} })]) {
  try { await wrong(); } catch (error) { console.log(error.code, error.message); }
}
`,
    );
    const script = await project.script('log.ts');
    expect(script.stderr).toBe('');
    expect(script.stdout.trim().split('\n')).toEqual([
      'USAGE an experiment has a name: expected a text of 1 to 256 characters, received ""',
      "USAGE experiment 'fraud-detection-v3': metric 'auc': expected a finite number, received NaN",
      "USAGE experiment 'fraud-detection-v3': 'metric' is neither metrics nor parameters",
    ]);
    const { runs } = await readExperiment(db, 'fraud-detection-v3', 10);
    expect(runs).toHaveLength(2);
    const of = (id: string) => runs.find((row) => row.runId === id);
    expect(of('notebook-7')).toMatchObject({ params: { epochs: 3 }, metrics: { auc: 0.95, loss: 1 } });
    expect(of(result.runId)).toMatchObject({
      pipeline: 'logging',
      status: 'succeeded',
      params: { model_uri: 'gs://models/v3' },
      metrics: { auc: 0.93 },
    });
    expect((await listExperiments(db, 'fraud-detection-v3'))[0]?.best.auc).toEqual({ value: 0.95, better: 'higher', run: 'notebook-7' });
    const wrong = await project.flowyml('experiment', 'show', 'fraud-detection-v3', '--metric', 'acu');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("has no metric 'acu'; did you mean 'auc'?") });
  });
});
