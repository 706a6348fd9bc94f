import { expect, it } from 'vitest';
import { type AnyPipeline, compile } from '../../index.ts';
import { backwards, chained, half, listed } from './twins/002-12.ts';

// Steps added one by one, as a chain, and all at once.
const plan = (pipeline: AnyPipeline) => compile(pipeline, { project: 'p', stack: 'local' });

it('a chain, in whatever order, is the same pipeline as a list', () => {
  expect(plan(listed).steps.map(({ name }) => name)).toEqual(['load_data', 'preprocess', 'train_model', 'evaluate']);
  expect(plan(chained)).toEqual(plan(listed));
  expect(plan(backwards).steps.map(({ name }) => name)).toEqual(plan(listed).steps.map(({ name }) => name));
});

it('adding gives a new pipeline and leaves the old one as it was', () => {
  expect(half.add(half.steps[0]).steps).toHaveLength(3);
  expect(half.steps).toHaveLength(2);
});

it('a half-built chain is refused when it is planned, with what it lacks', () => {
  expect(() => plan(half)).toThrow("step 'train_model': no step produces input 'features'");
});
