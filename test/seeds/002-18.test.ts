import { expect, it } from 'vitest';
import { compile } from '../../index.ts';
import { printed, projectWith } from './support.ts';
import development, { production, training } from './twins/002-18.ts';

// One pipeline, with a context for development and one for production.
it('the plans differ in nothing but the context', () => {
  const target = { project: 'p', stack: 'local' };
  const [dev, prod] = [compile(development, target), compile(training(production), target)];
  expect(dev.context).toEqual({ data_path: './local_data.csv', batch_size: 32 });
  expect(prod).toEqual({ ...dev, context: { data_path: 'gs://bucket/data.csv', batch_size: 512 } });
});

it('the pipeline made for development runs with the context and on the stack of production', async () => {
  const project = await projectWith('002-18.ts', '002-18-run.ts');
  expect(await printed(project, '002-18-run.ts')).toBe('production: 512 rows at a time of gs://bucket/data.csv\n');
});
