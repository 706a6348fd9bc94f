import { describe, expect, it } from 'vitest';
import { hint, nameProblem, nearest } from '../../pipelines/names.ts';

describe('nameProblem', () => {
  it.each(['a', 'train_model', 'A-1', 'x'.repeat(64), 'Default', '_temporal'])('%s is fine', (name) => {
    expect(nameProblem('step', name)).toBeUndefined();
  });

  it.each([undefined, null, 5, {}, '', 'a b', 'a.b', 'é', 'x'.repeat(65)])('%j is not allowed', (name) => {
    expect(nameProblem('stack', name)).toBe(`stack name ${JSON.stringify(name)} is not allowed: use 1 to 64 letters, digits, '_' or '-'`);
  });

  it.each([...Object.getOwnPropertyNames(Object.prototype), 'default', '__temporal', '__temporal_workflow_metadata'])(
    '%s is reserved',
    (name) => {
      expect(nameProblem('step', name)).toBe(`step name '${name}' is reserved: choose another`);
    },
  );
});

describe('nearest', () => {
  const known = ['learning_rate', 'epochs', 'batch_size'];

  it.each([
    ['learning_rate', 'learning_rate'],
    ['learningRate', 'learning_rate'],
    ['LEARNING_RATE', 'learning_rate'],
    ['epoch', 'epochs'],
    ['epohcs', 'epochs'],
    ['batchsize', 'batch_size'],
    ['temperature', undefined],
    ['', undefined],
  ])('of %j is %j', (name, near) => {
    expect(nearest(name, known)).toBe(near);
  });

  it('is the nearest of several, the first of equals', () => {
    expect(nearest('data1', ['data', 'data2', 'date1'])).toBe('data');
    expect(nearest('data1', ['dataset', 'data2', 'data1'])).toBe('data1');
    expect(nearest('x', [])).toBeUndefined();
  });
});

describe('hint', () => {
  it('suggests the nearest, else says what there is, else nothing', () => {
    expect(hint('epoch', ['epochs', 'lr'])).toBe("; did you mean 'epochs'?");
    expect(hint('temperature', new Set(['epochs', 'lr']))).toBe('; known: epochs, lr');
    expect(hint('temperature', [])).toBe('');
  });

  it('does not list hundreds', () => {
    const all = Array.from({ length: 500 }, (_, i) => `output_number_${i}`);
    expect(hint('x', all).split(', ')).toHaveLength(20);
  });
});
