import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../pipelines/errors.ts';
import { isPipeline, type PipelineOptions, pipeline } from '../../pipelines/pipeline.ts';
import { make } from './steps.ts';

const [a, b, c] = [make('a'), make('b'), make('c')];
/** Options as they come from JavaScript. */
const withOptions = (options: object) => pipeline('p', options as PipelineOptions).options;

describe('options', () => {
  it('are kept as they are given', () => {
    const options = {
      description: 'Fits.',
      context: { lr: 0.1 },
      stack: 'local',
      executor: 'local',
      version: 'v1',
      project: 'shop',
      cache: false,
      experimentTracking: true,
      groups: { gpu: { resources: { memory: '1Gi' } } },
      retry: { maxAttempts: 2 },
      timeout: '1 hour',
      tags: ['nightly'],
      checkpointing: true,
    };
    const p = pipeline('training', { ...options, steps: [a] });
    expect(p).toMatchObject({ name: 'training', steps: [a], options });
    expect(p.options).not.toHaveProperty('steps');
    expect(pipeline('empty')).toMatchObject({ steps: [], options: {} });
  });

  it.each([
    ['project_name', 'project', 'ml_platform'],
    ['projectName', 'project', 'ml_platform'],
    ['enable_cache', 'cache', false],
    ['enableCache', 'cache', true],
    ['enable_checkpointing', 'checkpointing', true],
    ['enableCheckpointing', 'checkpointing', true],
    ['enable_experiment_tracking', 'experimentTracking', false],
    ['enableExperimentTracking', 'experimentTracking', true],
  ])('%s of the seeds is %s', (key, option, value) => {
    expect(withOptions({ [key]: value })).toEqual({ [option]: value });
  });

  it.each(['cache_dir', 'cacheDir'])('%s is refused with the reason', (key) => {
    expect(() => withOptions({ [key]: './my_cache' })).toThrow(
      new UsageError(
        `pipeline 'p': option '${key}' is not supported: cache entries are rows in PostgreSQL and bytes in the stack's artifact store: set the store's folder instead (flowyml.yaml, artifact_path)`,
      ),
    );
  });

  it.each(['checkpointing', 'enable_checkpointing'])('%s cannot be switched off', (key) => {
    expect(() => withOptions({ [key]: false })).toThrow(
      new UsageError("pipeline 'p': checkpointing cannot be switched off: every run is durable"),
    );
  });

  it.each([
    ['stacks', "; did you mean 'stack'?"],
    ['Context', "; did you mean 'context'?"],
    ['toString', /; known: description, context, /],
    ['constructor', /; known: description, context, /],
  ])('%s is unknown', (key, hint) => {
    expect(() => withOptions({ [key]: 1 })).toThrow(UsageError);
    expect(() => withOptions({ [key]: 1 })).toThrow(`pipeline 'p': unknown option '${key}'`);
    expect(() => withOptions({ [key]: 1 })).toThrow(hint);
  });
});

describe('add', () => {
  it('gives a pipeline with one more step and leaves the one that it was called on as it was', () => {
    const empty = pipeline('p', { version: 'v1' });
    const one = empty.add(a);
    const [left, right] = [one.add(b), one.add(c)];
    expect([empty, one, left, right].map((p) => p.steps)).toEqual([[], [a], [a, b], [a, c]]);
    expect(left).toMatchObject({ name: 'p', options: { version: 'v1' }, file: empty.file });
  });

  it('does not touch a list of steps that was given', () => {
    const steps = [a];
    const p = pipeline('p', { steps }).add(b);
    expect(steps).toEqual([a]);
    expect(p.steps).toEqual([a, b]);
  });
});

describe('a pipeline', () => {
  it('is known by its brand, also one that another copy of flowyml made', () => {
    expect(isPipeline(pipeline('p'))).toBe(true);
    expect(isPipeline({ [Symbol.for('flowyml.pipeline')]: true })).toBe(true);
    expect([undefined, null, 'p', {}, { name: 'p', steps: [] }, a].map(isPipeline)).toEqual(Array(6).fill(false));
  });

  it('knows the file that made it, also through a function there and after add()', () => {
    const here = fileURLToPath(import.meta.url);
    const inAFunction = () => pipeline('p');
    expect(pipeline('p').file).toBe(here);
    expect(inAFunction().add(a).file).toBe(here);
  });
});
