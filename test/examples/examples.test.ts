import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedules } from '../../client/schedules/index.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import type { RunResult, StepResult } from '../../pipelines/run-result.ts';
import { findTemporalBinary, temporalCandidates } from '../../services/temporal/binary.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';

// Every example, by the commands that its README gives, and what the README says of them.

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const names = readdirSync(EXAMPLES).filter((name) => /^\d\d-/.test(name));
const python = process.env.FLOWYML_TEST_PYTHON;

let project: TestProject;
const posted: { text: string }[] = [];
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  posted.push(JSON.parse(body));
  response.end('ok');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  // The clone's own project, under another name, with another database and another artifact store.
  project = await makeProject();
  project.env.FLOWYML_PROJECT = project.name;
  project.env.FLOWYML_ARTIFACT_PATH = join(project.root, 'artifacts');
  project.env.ALERT_WEBHOOK_URL = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  // One of its modules says which project is meant; all that flowyml.yaml names are served.
  await project
    .start('worker', join(EXAMPLES, '02-retries-and-timeouts', 'pipelines', 'price-import.ts'))
    .until(/serves .*credit_score/, 120_000);
});
afterAll(async () => {
  receiver.close();
  await project.remove();
});

/** The `npx flowyml …` lines of an example's README, as arguments; those of one command. */
function documented(example: string, command: string): string[][] {
  const lines = readFileSync(join(EXAMPLES, example, 'README.md'), 'utf8').matchAll(/^npx flowyml (.*?)(?:\s+#.*)?$/gm);
  const all = [...lines].map(([, line = '']) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ''));
  return all.filter((args) => args.join(' ').startsWith(command)).map((args) => args.map((arg) => arg.replace(/^examples\//, EXAMPLES)));
}

interface Ran {
  code: number | null;
  stderr: string;
  result: RunResult;
  step(name: string): StepResult;
  value(output: string): unknown;
}

/** Runs the command whose arguments these are, to its end. */
async function run(args: string[] | undefined, ...more: string[]): Promise<Ran> {
  if (!args) throw new Error('the README has no such command');
  const { code, stdout, stderr } = await project.flowyml(...args, ...more, '--json');
  expect(stdout, stderr).not.toBe('');
  return { code, stderr, ...looked(JSON.parse(stdout)) };
}

/** The same run, started by a bare client: a second's work less than the command. */
async function start(args: string[] | undefined, params: Record<string, unknown> = {}): Promise<Omit<Ran, 'code' | 'stderr'>> {
  const [, module = '', ...options] = args ?? expect.fail('the README has no such command');
  for (const [i, option] of options.entries()) {
    const [name = '', text = ''] = options[i + 1]?.split('=') ?? [];
    if (option === '-p') params[name] = /^[\d.]+$/.test(text) ? Number(text) : text;
  }
  const { temporal } = await project.session();
  const pipeline = basename(module, '.ts').replaceAll('-', '_');
  const workflowId = `${project.name}-${pipeline}-${Object.keys(params).join('-')}`;
  const handle = await temporal.client.workflow.start(pipeline, { workflowId, taskQueue: project.name, args: [{ params }] });
  const result = await handle.result().catch((error) => error.cause?.details?.[0] ?? Promise.reject(error));
  return looked(result as RunResult);
}

function looked(result: RunResult): Omit<Ran, 'code' | 'stderr'> {
  const step = (name: string) => result.steps[name] ?? expect.fail(`no step '${name}'`);
  const outputs = Object.values(result.steps).flatMap((each) => Object.entries(each.outputs));
  return { result, step, value: (output) => outputs.find(([name]) => name === output)?.[1].value };
}

/** What `runs show --json` says of a run. */
async function shown(runId: string): Promise<RunResult & { history: { step: string; attempt: number; error?: { type: string } }[] }> {
  return JSON.parse((await project.flowyml('runs', 'show', runId, '--json')).stdout);
}

/** The types of a run's activities, in the order in which they were scheduled. */
async function activities(runId: string): Promise<string[]> {
  const { temporal } = await project.session();
  const { events } = await temporal.client.workflow.getHandle(runId).fetchHistory();
  return (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
}

it('are numbered without a gap, each with a README and a pipeline, whose commands name files that are there', () => {
  expect(names.map((name) => Number(name.slice(0, 2)))).toEqual(names.map((_, i) => i + 1));
  for (const name of names) {
    expect(readdirSync(join(EXAMPLES, name, 'pipelines')), name).toHaveLength(1);
    const text = readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8');
    expect(text, name).toMatch(new RegExp(`^# ${Number(name.slice(0, 2))}\\. `));
    for (const [file] of text.matchAll(/\bexamples\/[\w./-]+/g))
      expect(existsSync(join(EXAMPLES, '..', file)), `${name}: ${file}`).toBe(true);
    for (const [, link = ''] of text.matchAll(/\]\(((?!http)[^)#]+)/g))
      expect(existsSync(join(EXAMPLES, name, link)), `${name}: ${link}`).toBe(true);
  }
});

describe.concurrent('the example', { timeout: 240_000 }, () => {
  it('01-flight-delays trains a model on real flights and registers it', async () => {
    const [plain] = documented('01-flight-delays', 'run');
    const { code, result, value } = await run(plain, '-p', 'rows=270000', '-p', 'epochs=1');
    expect(code).toBe(0);
    expect(Object.keys(result.steps)).toEqual(['load', 'features', 'train', 'evaluate', 'register']);
    expect(value('evaluation')).toMatchObject({ auc: expect.toSatisfy((auc: number) => auc > 0.6) });
  });

  it('02-retries-and-timeouts tries again as each step says', async () => {
    const [plain] = documented('02-retries-and-timeouts', 'run');
    const { code, result, step, value } = await run(plain);
    expect(code).toBe(0);
    expect([step('fetch_prices').attempts, step('fetch_rate').attempts, step('fit_level').attempts]).toEqual([3, 2, 2]);
    expect(value('level')).toBeCloseTo(110.25, 1);
    const { history } = await shown(result.runId);
    const errors = history.flatMap(({ step: name, error }) => (error ? [`${name} ${error.type}`] : []));
    expect(errors.sort()).toEqual(['fetch_prices Error', 'fetch_prices Error', 'fetch_rate RetryableError', 'fit_level StepTimeout']);

    const [expired, away] = await Promise.all([start(plain, { token: 'expired' }), start(plain, { outage: 99 })]);
    expect(expired.step('fetch_rate')).toMatchObject({ status: 'failed', attempts: 1, error: { type: 'NonRetryableError' } });
    expect(away.step('fetch_prices')).toMatchObject({ status: 'failed', error: { type: 'TotalTimeout' } });
    expect(away.result.durationMs).toBeLessThan(30_000);
  });

  it('03-fallback stands in for a step, and goes on without one', async () => {
    const [plain, enough, down] = documented('03-fallback', 'run');
    const first = await run(plain);
    expect(first.code).toBe(0);
    expect(first.step('forecast_demand')).toMatchObject({ status: 'succeeded', fallback: true, error: { type: 'RangeError' } });
    expect(first.value('forecast')).toMatchObject({ method: 'mean' });

    const second = await start(enough);
    expect(second.step('forecast_demand').fallback).toBeUndefined();
    expect(second.value('forecast')).toMatchObject({ method: 'by weekday' });

    const third = await start(down);
    expect(third.result.status).toBe('failed');
    expect(third.value('ordered')).toBe(first.value('ordered'));
    expect(third.step('announce')).toMatchObject({ status: 'skipped', reason: "needs 'publish', which failed" });
    // What a fallback made is never reused.
    expect(third.step('load_sales').status).toBe('cached');
    expect(third.step('forecast_demand').fallback).toBe(true);
  });

  it('04-conditions takes one branch or the other, and joins them', async () => {
    const [plain, changed] = documented('04-conditions', 'run');
    const same = await run(plain);
    expect(same.value('deployed')).toBe('v1');
    expect(same.step('retrain')).toMatchObject({ status: 'skipped', reason: 'its condition was not met' });
    expect(same.step('notify')).toMatchObject({ status: 'skipped', reason: "needs 'retrain', which was skipped" });
    const other = await start(changed);
    expect(other.value('deployed')).toBe('v2');
    expect(other.step('keep').status).toBe('skipped');
  });

  it('05-maps calls a function for each item, and collects those that failed', async () => {
    const [plain, more] = documented('05-maps', 'run');
    const { code, result, step, value } = await run(plain);
    expect(code).toBe(0);
    expect(step('classify').map).toMatchObject({ items: 2000, failed: 3, errors: [{ index: 1997 }, { index: 1998 }, { index: 1999 }] });
    const counts = value('counts') as Record<string, number>;
    expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(2000);
    expect(counts).toMatchObject({ failed: 3, other: 399 });
    expect(Object.keys(value('agents') as object)).toEqual(Object.keys(counts));
    expect((await activities(result.runId)).filter((type) => type === 'classify')).toHaveLength(10);
    expect((await start(more)).step('classify').map).toMatchObject({ items: 20_000 });
  });

  it('06-approval waits for a person', async () => {
    const [detached = []] = documented('06-approval', 'run');
    const [approve = []] = documented('06-approval', 'runs approve');
    const [show = []] = documented('06-approval', 'runs show');
    const runId = 'promote-v7';
    // A background worker would outlive the test.
    const waiting = project.start(...detached.filter((arg) => arg !== '--detach'), '--json');
    await waiting.until(/Run promote-v7/, 120_000);
    const { temporal } = await project.session();
    const status = async () => (await temporal.client.workflow.getHandle(runId).query<RunResult>('status')).status;
    await until(async () => (await status()) === 'waiting', 'the run to wait', 120_000, waiting.output);
    expect((await project.flowyml(...show)).stdout).toMatch(/review +waiting +for approval: Promote the candidate/);
    expect(await project.flowyml(...approve)).toMatchObject({ code: 0 });
    expect(await waiting.ended).toMatchObject({ code: 0 });
    const { steps } = await shown(runId);
    expect(steps.review?.approval).toMatchObject({ decision: 'approved', by: 'ann', comment: 'AUC is fine' });
    expect(steps.promote?.outputs.promoted?.value).toBe('fraud-detector v7 is in production');
    expect(await project.flowyml(...approve)).toMatchObject({ code: 2 });
  });

  it('07-hooks says how a run went', async () => {
    const [plain, few, long = []] = documented('07-hooks', 'run');
    const good = await run(plain);
    expect(good.step('receipt').outputs.result?.value).toMatchObject({ rows: 1000 });
    expect(good.step('alert')).toMatchObject({ status: 'skipped', reason: 'runs only on failure' });
    const bad = await start(few);
    expect(bad.result.status).toBe('failed');
    expect(bad.step('alert').status).toBe('succeeded');
    expect(posted.map(({ text }) => text).join()).toContain("step 'load' failed: 7 rows came, at least 100 were expected");

    const cancelled = project.start(...long, '--json');
    await cancelled.until(/extract/, 120_000);
    cancelled.child.kill('SIGINT');
    const { code, stdout, stderr } = await cancelled.ended;
    expect(stdout, stderr).not.toBe('');
    const ended = looked(JSON.parse(stdout));
    expect({ code, status: ended.result.status }).toEqual({ code: 1, status: 'cancelled' });
    expect(ended.step('clean_up').outputs.result?.value).toEqual({ cleaned: ['extract', 'load'] });
    expect(posted.at(-1)?.text).toContain('cancelled');
  });

  it('08-checkpoints goes on inside a step that was killed', async () => {
    const [plain] = documented('08-checkpoints', 'run');
    const { code, result, step, value } = await run(plain);
    expect(code).toBe(0);
    expect(step('train').attempts).toBe(2);
    expect(value('line')).toMatchObject({ epochs: 15, resumed_at: 25, slope: expect.closeTo(3, 1), intercept: expect.closeTo(1, 0) });
    const { stdout } = await project.flowyml('runs', 'logs', result.runId, 'train');
    expect(stdout).toMatch(/starting from nothing[\s\S]*going on after epoch 25/);
  });

  it('09-segments runs six steps as one task', async () => {
    const [plain] = documented('09-segments', 'run');
    const { code, result } = await run(plain);
    expect(code).toBe(0);
    expect(Object.values(result.steps).map(({ status, attempts }) => [status, attempts])).toEqual(Array(8).fill(['succeeded', 1]));
    expect(await activities(result.runId)).toEqual(['load_houses', 'features', 'fit']);
  });

  it('10-artifacts makes and reads every type', async () => {
    const [plain] = documented('10-artifacts', 'run');
    const { code, step, value } = await run(plain);
    expect(code).toBe(0);
    expect(value('summary')).toMatchObject({
      model: 'penguin-classifier@v1',
      data: 'penguins@2024.05 from Palmer',
      rows: 300,
      image_bytes: 13 + 64 * 32,
      page: '# Gentoo',
    });
    const type = (name: string, output: string) => step(name).outputs[output]?.type;
    expect(type('measure', 'penguins')).toBe('dataset<table>');
    expect(type('embed', 'flippers')).toBe('custom:float32');
    expect(step('train').outputs.classifier?.asset?.parents).toEqual([step('measure').outputs.penguins?.sha256]);
  });

  it('11-run-from-code runs from a script, and starts by name from a client', async () => {
    const script = async (file: string) => {
      const args = ['-C', 'flowyml-source', '--import', REGISTER, join(EXAMPLES, '11-run-from-code', file)];
      return (await promisify(execFile)(process.execPath, args, { cwd: project.root, env: project.env })).stdout;
    };
    const sweep = await script('sweep.ts');
    expect(sweep).toMatch(/learning rate 0\.001: log loss \d\.\d{4} \(succeeded, run churn_model-\w+/);
    expect(sweep).toMatch(/^best: 0\.\d+$/m);
    const watch = await script('watch.ts');
    expect(watch).toMatch(/^load_customers: cached$[\s\S]*^fit: succeeded$[\s\S]*^evaluate: succeeded$[\s\S]*^log loss: \d/m);
    expect(watch).toContain('1 newest runs: churn_model-');
  });

  it("14-your-own-worker serves the shop's workflow and the pipeline", async () => {
    const queue = `${project.name}-shop`;
    const env = { ...project.env, FLOWYML_PROJECT: queue };
    const file = join(EXAMPLES, '14-your-own-worker', 'worker.ts');
    const worker = spawn(process.execPath, ['-C', 'flowyml-source', '--import', REGISTER, file], { cwd: CLONE, env, stdio: 'pipe' });
    let output = '';
    for (const stream of [worker.stdout, worker.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    try {
      await until(
        () => output.includes('serves reprice'),
        'the worker',
        60_000,
        () => output,
      );
      const { temporal } = await project.session();
      const options = { taskQueue: queue, workflowId: `${queue}-reprice`, args: ['lamp'] };
      expect(await temporal.client.workflow.execute('reprice', options)).toBe('lamp: each unit of price costs 6.0 sales');
    } finally {
      if (worker.exitCode === null) {
        worker.kill('SIGTERM');
        await once(worker, 'close');
      }
    }
  });

  it('15-tests-and-deployments replays', async () => {
    const { code, stdout, stderr } = await project.flowyml(...(documented('15-tests-and-deployments', 'replay')[0] ?? []));
    expect(stdout, stderr).toMatch(/^All \d+ replay: this code goes on with them\.$/m);
    expect(code).toBe(0);
  });

  it('12-other-languages is started by the temporal command', async () => {
    const { path } = await findTemporalBinary(
      process.env,
      temporalCandidates(process.env, () => {}),
    );
    const place = ['--address', project.env.TEMPORAL_ADDRESS ?? '', '--workflow-id', `${project.name}-credit`];
    const temporal = async (...args: string[]) => (await promisify(execFile)(path, ['workflow', ...args, ...place])).stdout;
    const input = ['--input', '{"params": {"income": 5200, "debts": 1300}}'];
    const executed = await temporal('execute', '--type', 'credit_score', '--task-queue', project.name, ...input, '--output', 'json');
    expect(JSON.parse(executed)).toMatchObject({ status: 'COMPLETED', result: { status: 'succeeded' } });
    expect(await temporal('query', '--type', 'status', '--output', 'json')).toContain('"accepted"');
  });

  it('13-schedules reports on the days that it is asked for', async () => {
    const all = schedules(await project.session());
    const args = documented('13-schedules', 'schedule backfill')[0] ?? expect.fail('the README has no such command');
    try {
      expect((await project.flowyml(...args)).stderr).toContain("there is no schedule 'daily_sales'");
      const module = join(EXAMPLES, '13-schedules', 'pipelines', 'daily-sales.ts');
      const { default: pipeline } = (await import(module)) as { default: AnyPipeline };
      const { create } = await all.sync([pipeline]);
      expect(create).toEqual([{ name: 'daily_sales', pipeline: 'daily_sales' }]);
      const { code, stdout } = await project.flowyml(...args);
      expect([code, stdout]).toEqual([0, '26 started: 26 succeeded, 0 failed\n']);
      const reported = async (at: string) => (await shown(`daily_sales-${at}`)).steps.report?.outputs.line?.value;
      expect(await reported('2026-03-02T21:00:00Z')).toMatch(/^2026-03-02: \d+ euros in 3 shops$/);
      expect(await reported('2026-03-31T20:00:00Z')).toMatch(/^2026-03-31: /);
      expect(await all.show('daily_sales')).toMatchObject({ cron: ['0 22 * * 1-6'], catchupWindow: '12h', tags: ['nightly'] });
    } finally {
      await all.delete('daily_sales');
    }
  });

  it.skipIf(!python)('12-other-languages is started from Python', async () => {
    const args = [join(EXAMPLES, '12-other-languages', 'client.py'), project.env.TEMPORAL_ADDRESS ?? '', project.name];
    // Its package sometimes crashes when Python shuts down, after all is done: what was printed counts.
    const ended = promisify(execFile)(python ?? '', args, { env: { ...process.env, PYTHONUNBUFFERED: '1' } });
    const { stdout } = await ended.catch((error: { stdout: string }) => error);
    expect(stdout).toContain('score: 690\ndecision: accepted\n');
    expect(stdout).toMatch(/refused: RunFailed: .*income/);
  });
});
