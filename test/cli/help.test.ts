import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Outcome } from './many.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

const COMMANDS = ['init', 'up', 'down', 'status', 'doctor', 'plan', 'run', 'worker', 'runs'];
const OF_RUNS = ['list', 'show', 'logs', 'cancel', 'approve', 'reject', 'pause', 'resume', 'retry'];

let project: TestProject;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project.remove());

describe('the help', () => {
  it('tells of every command, on stdout, with exit code 0', async () => {
    const calls = [[], ...COMMANDS.map((name) => [name]), ...OF_RUNS.map((name) => ['runs', name])];
    const outcomes = await callMany(
      calls.map((args) => ({ args: [...args, '--help'] })),
      project,
    );
    const [all, ...each] = outcomes as [Outcome, ...Outcome[]];
    for (const name of COMMANDS) expect(all.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: ${['flowyml', ...(calls[i] ?? [])].join(' ')}`);
      expect(stdout).not.toMatch(/default: \[|coming soon|undefined/);
    }
    expect(each.find(({ stdout }) => stdout.includes('Usage: flowyml run '))?.stdout).toMatch(
      /--param <name=value>[\s\S]*\(may be\s+repeated\)/,
    );
  });

  it('and the version load nothing heavy', async () => {
    // Temporal's packages are CommonJS, and stand in its cache.
    project.write(
      'loaded.ts',
      `import { createRequire } from 'node:module';
import { program } from ${JSON.stringify(new URL('../../cli/program.ts', import.meta.url).href)};
for (const flag of ['--help', '--version']) await (await program()).parseAsync(['node', 'flowyml', flag]).catch(() => {});
const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /node_modules.(?!commander)/.test(file));
console.error(JSON.stringify(loaded));
`,
    );
    const { stdout, stderr } = await project.script('loaded.ts');
    expect(stdout).toContain(version);
    expect(JSON.parse(stderr)).toEqual([]);
  });

  it('is what a bare `flowyml` gives, as the mistake that it is', async () => {
    const [bare, runs] = (await callMany([{ args: [] }, { args: ['runs'] }], project)) as [Outcome, Outcome];
    for (const { code, stdout, stderr } of [bare, runs]) {
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain('Usage: flowyml');
    }
  });
});
