import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Outcome } from './many.ts';

let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'kept/flowyml.yaml': 'project: mine\n', 'kept/.gitignore': 'dist' });
});
afterAll(() => project.remove());

const read = (...path: string[]) => readFileSync(join(project.root, ...path), 'utf8');

describe('flowyml init', () => {
  it('makes a project named after its folder, whose first pipeline runs', async () => {
    const cwd = join(project.root, 'my shop');
    const [init, status, run] = (await callMany(
      [
        { args: ['init', 'my shop'] },
        { args: ['status', '--json'], cwd: project.root },
        // The services' queues are named by the project: ours is that of the test.
        { args: ['run', 'my shop/pipelines/training.ts', '-p', 'rows=50', '--json'], env: { FLOWYML_PROJECT: project.name } },
      ],
      project,
    )) as [Outcome, Outcome, Outcome];
    expect(init.code).toBe(0);
    expect(init.stdout).toMatch(/^written {2}my shop\/flowyml\.yaml$/m);
    expect(init.stdout).toMatch(/Next: cd "my shop" && npx flowyml run pipelines\/training\.ts/);
    expect(read('my shop', 'flowyml.yaml')).toContain('project: my-shop');
    // There is no package here whose schema editors could read.
    expect(read('my shop', 'flowyml.yaml')).not.toContain('$schema');
    expect(read('my shop', '.gitignore')).toBe('.flowyml/\n');
    expect(existsSync(join(cwd, 'tsconfig.json'))).toBe(true);
    expect(status.code).toBe(0);
    expect(run.stderr).toContain('train');
    expect(JSON.parse(run.stdout) as RunResult).toMatchObject({
      pipeline: 'training',
      status: 'succeeded',
      steps: { evaluate: { status: 'succeeded', outputs: { quality: { value: { mean_error: expect.any(Number) } } } } },
    });
  });

  it('tells editors of the schema, where flowyml is installed in the folder', async () => {
    const schema = 'node_modules/flowyml/schema/flowyml.schema.json';
    project.write(`installed/${schema}`, '{}');
    expect((await project.flowyml('init', 'installed')).code).toBe(0);
    expect(read('installed', 'flowyml.yaml').split('\n')[0]).toBe(`# yaml-language-server: $schema=${schema}`);
  });

  it('leaves what is there as it is, and adds to .gitignore once', async () => {
    const calls = [{ args: ['init', 'kept'] }, { args: ['init'], cwd: join(project.root, 'kept') }];
    const [first, second] = (await callMany(calls, project)) as [Outcome, Outcome];
    expect(first.stdout).toMatch(/^kept {5}kept\/flowyml\.yaml \(it exists already\)$/m);
    expect(second.stdout).toMatch(/^kept {5}pipelines\/training\.ts \(it exists already\)$/m);
    expect(second.stdout).toContain('\nNext: npx flowyml run');
    expect(read('kept', 'flowyml.yaml')).toBe('project: mine\n');
    expect(read('kept', '.gitignore')).toBe('dist\n.flowyml/\n');
  });
});
