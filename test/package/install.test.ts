import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// What a user gets: the packed tarball, installed by npm into an empty folder, with services of its own there.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

let folder: string;
let project: string;
let files: string[];

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-install-')));
  project = join(folder, 'my-project');
  mkdirSync(project);
  await run('npm', ['pack', '--pack-destination', folder], ROOT);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  files = (await run('tar', ['-tzf', tarball], folder)).stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', tarball], project);
}, 240_000);

afterAll(async () => {
  if (existsSync(join(project, '.flowyml'))) await flowyml('down', '--purge');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program as a user's shell would: without what npm, vitest and our tests put into the environment. */
async function run(program: string, args: string[], cwd: string, expected: number | 'any' = 0): Promise<Ended> {
  const ours =
    /^(?:npm_(?:lifecycle|package|command|execpath)|npm_config_(?:local_)?prefix|INIT_CWD|NODE_ENV|NODE_OPTIONS|VITEST|FLOWYML_|TEMPORAL_ADDRESS)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  const ended = await new Promise<Ended>((resolve) => {
    execFile(program, args, { cwd, env, timeout: 200_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
  if (expected !== 'any') expect(ended, `${program} ${args.join(' ')}`).toMatchObject({ code: expected });
  return ended;
}

const flowyml = (...args: string[]) => run('npx', ['--no', '--', 'flowyml', ...args], project);
const node = (script: string) => run(process.execPath, ['--input-type=module', '-e', script], project);
const packageJson = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

describe('the tarball', () => {
  it('holds what a user needs', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'LICENSE',
        'bin/flowyml.mjs',
        'dist/cli/main.js',
        'dist/workflows/bundle.js',
        'dist/metadata/migrations/meta/_journal.json',
        'dist/workers/child/main.js',
        'dist/loader/register.mjs',
        'compose/worker.Dockerfile',
        'compose/worker.Dockerfile.dockerignore',
        'compose/env.example',
      ]),
    );
    expect(files.filter((file) => /^dist\/metadata\/migrations\/.+\.sql$/.test(file)).length).toBeGreaterThan(0);
  });

  it('holds nothing else: no sources, tests, examples or scripts', () => {
    expect(files.filter((file) => !/^(?:bin|dist|compose)\//.test(file)).sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'docker-compose.yml', 'package.json', 'schema/flowyml.schema.json'].filter(
        (file) => file === 'package.json' || existsSync(join(ROOT, file)),
      ),
    );
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file) || /(?:^|\/)(?:test|examples|scripts)\//.test(file))).toEqual([]);
  });

  it('holds all that package.json points to', () => {
    const { exports, bin } = packageJson(ROOT);
    const targets = Object.values(exports).flatMap((entry) =>
      Object.entries(typeof entry === 'string' ? { default: entry } : (entry as Record<string, string>)),
    );
    const pointed = targets.filter(([condition]) => condition !== 'flowyml-source').map(([, file]) => file);
    for (const file of [...pointed, ...Object.values<string>(bin)]) expect(files).toContain(file.replace(/^\.\//, ''));
  });

  it('holds no path of the machine that built it', () => {
    const installed = join(project, 'node_modules', 'flowyml');
    const paths = [ROOT, join(homedir(), '/')].filter((path) => path.length > 3);
    const tell = (text: string) => paths.some((path) => text.includes(path));
    const bundle = readFileSync(join(installed, 'dist', 'workflows', 'bundle.js'), 'utf8');
    expect(tell(Buffer.from(bundle.slice(bundle.lastIndexOf('base64,') + 7), 'base64').toString())).toBe(false);
    expect(files.filter((file) => tell(readFileSync(join(installed, file), 'utf8')))).toEqual([]);
  });
});

describe('in an empty folder', () => {
  it('tells its version', async () => {
    expect((await flowyml('--version')).stdout.trim()).toBe(packageJson(ROOT).version);
  });

  it('can be imported by each of its names', async () => {
    const names = Object.keys(packageJson(ROOT).exports).filter((name) => name !== './package.json');
    for (const name of names) await node(`await import('${name.replace('.', 'flowyml')}')`);
  });

  it('writes a first pipeline, and runs it', async () => {
    await flowyml('init', '.');
    const { stdout } = await flowyml('run', 'pipelines/training.ts', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: 'training',
      project: 'my-project',
      status: 'succeeded',
      steps: { load_data: { status: 'succeeded' }, train: { status: 'succeeded' }, evaluate: { status: 'succeeded' } },
    });
    await flowyml('down');
  }, 120_000);

  it("gives an editor its types, with init's tsconfig.json", async () => {
    mkdirSync(join(project, 'check'));
    writeFileSync(join(project, 'check', 'check.ts'), CHECK);
    writeFileSync(join(project, 'check', 'tsconfig.json'), '{ "extends": "../tsconfig.json", "include": [".", "../pipelines"] }');
    expect((await run(process.execPath, [TSC, '-p', 'check'], project, 'any')).stdout).toBe('');
    // Other packages' declarations have mistakes under this flag; in ours a mistake would be an `any` at users'.
    const strictly = await run(process.execPath, [TSC, '-p', 'check', '--skipLibCheck', 'false'], project, 'any');
    expect(strictly.stdout.split('\n').filter((line) => line.startsWith('node_modules/flowyml/'))).toEqual([]);
  });
});

const CHECK = `import { pipeline, step } from 'flowyml';
import { createClient } from 'flowyml/client';
import { createWorker } from 'flowyml/worker';
import { z } from 'zod';

const numbers = step({ name: 'numbers', outputs: { data: z.array(z.number()) } }, () => [1, 2]);
const count = step({ name: 'count', inputs: { data: z.array(z.number()) }, outputs: { n: z.number() } }, ({ data }) => data.length);

export const whole = pipeline('whole', { steps: [numbers, count] });
// @ts-expect-error no step makes \`data\`
export const broken = pipeline('broken', { steps: [count] });

const client = await createClient();
const run = await client.start('whole');
export const id: string = run.runId;
// @ts-expect-error an id is text
export const wrong: number = run.runId;

export type Options = Parameters<typeof createWorker>[0];
// @ts-expect-error a worker needs to know its project
export const options: Options = {};
`;
