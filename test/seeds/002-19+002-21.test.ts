import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AnyPipeline, compile } from '../../index.ts';
import { typeProblems } from './support.ts';
import { load, loadByEnvironment, plain, tangled } from './twins/002-19.ts';
import { doEverything, monolith, split } from './twins/002-21.ts';

// What not to do: a step that asks the environment where its data is (002-19), and everything in one step (002-21).
const plan = (pipeline: AnyPipeline) => compile(pipeline, { project: 'p', stack: 'local' });

it('both type-check, as all twins do', async () => expect(await typeProblems()).toEqual([]));

describe('002-19', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('the branch changes what the step does, where no plan shows it; a param does not', () => {
    vi.stubEnv('ENV', 'development');
    const seen = [loadByEnvironment.fn({}), plan(tangled), load.fn({ data_path: 'a' })];
    vi.stubEnv('ENV', 'production');
    expect(loadByEnvironment.fn({})).not.toBe(seen[0]);
    expect(plan(tangled)).toEqual(seen[1]);
    expect(load.fn({ data_path: 'a' })).toBe(seen[2]);
    expect(plan(plain).context).toEqual({ data_path: './local_data.csv' });
  });
});

describe('002-21', () => {
  it('one big step works, but has one output and no parts; split, each part is a step of its own', () => {
    expect(doEverything.fn({})).toEqual({ error: 2 });
    const shape = (pipeline: AnyPipeline) => plan(pipeline).steps.map(({ name, outputs }) => [name, ...Object.keys(outputs)]);
    expect(shape(monolith)).toEqual([['do_everything', 'everything']]);
    expect(shape(split)).toEqual([
      ['load', 'data'],
      ['clean', 'cleaned'],
      ['train', 'model'],
      ['evaluate', 'metrics'],
    ]);
  });
});
