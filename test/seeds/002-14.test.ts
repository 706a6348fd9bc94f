import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RunResult } from '../../index.ts';
import { printed, projectWith } from './support.ts';

// A local stack with paths of its own, given to a pipeline and to a run.
it('a stack named by the pipeline, and by the run, keeps artifacts under its path', async () => {
  const project = await projectWith('002-14.ts');
  const stack = 'stacks:\n  laptop:\n    type: local\n    artifact_path: kept/artifacts\n    metadata_path: kept/metadata\n';
  project.write('flowyml.yaml', `project: ${project.name}\nactive_stack: laptop\n${stack}`);
  const result: RunResult = JSON.parse(await printed(project, '002-14.ts'));
  expect(result).toMatchObject({ status: 'succeeded', stack: 'laptop' });
  const file = fileURLToPath(result.steps.load?.outputs.data?.uri ?? '');
  expect(file).toContain(join(project.root, 'kept/artifacts/'));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(5000);
});
