import { expect, it } from 'vitest';
import { compile, pipeline } from '../../index.ts';
import { projectWith, runJson } from './support.ts';
import { bare, nameless } from './twins/002-06.ts';

// The table of a pipeline's options with their defaults.
const plan = compile(bare, { project: 'mine', stack: 'laptop' });

it('name: required', () => {
  expect(() => compile(nameless(), { project: 'mine', stack: 'laptop' })).toThrow(/pipeline name undefined is not allowed/);
});

it('context: empty', () => expect(plan.context).toEqual({}));

it('executor: local', () => expect(plan.steps.map(({ executor }) => executor)).toEqual(['local']));

it('cache_dir: none, and none may be given', () => {
  const options: object = { cacheDir: '.flowyml/cache' };
  expect(() => pipeline('cached', options)).toThrow(/'cacheDir' is not supported/);
});

it("stack: the project's", () => expect(plan.stack).toBe('laptop'));

it("project_name: the project's", () => expect(plan.project).toBe('mine'));

it('enable_checkpointing: true, and cannot be false', () => {
  const options: object = { enable_checkpointing: false };
  expect(() => pipeline('forgetful', options)).toThrow('every run is durable');
});

it('enable_cache and enable_experiment_tracking: true', async () => {
  const project = await projectWith('002-06.ts');
  const again = async (name: string) => {
    await runJson(project, `002-06.ts#${name}`);
    return (await runJson(project, `002-06.ts#${name}`)).result.steps.only?.status;
  };
  expect([await again('bare'), await again('opted_out')]).toEqual(['cached', 'succeeded']);
  const { stdout } = await project.flowyml('experiment', 'list', '--json');
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'bare', runs: 2 }]);
});

it('version: a hash of the plan; other stacks and executors than there are: refused, all at once', async () => {
  const project = await projectWith('002-06.ts');
  const planned = (name: string) => project.flowyml('plan', `002-06.ts#${name}`, '--json');
  const [bare, refused] = await Promise.all([planned('bare'), planned('elsewhere')]);
  expect(JSON.parse(bare.stdout).version).toMatch(/^[0-9a-f]{12}$/);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain("no stack is named 'production'");
  expect(refused.stderr).toContain("executor 'spaceship'");
});
