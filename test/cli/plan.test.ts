import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../pipelines/plan.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Outcome } from './many.ts';

const TRAINING = `import { pipeline, step } from 'flowyml';
import { z } from 'zod';
console.log('loading data frames');
const evaluate = step({ name: 'evaluate', inputs: { model: z.string(), data: z.number() } }, () => {});
const train = step({ name: 'train', inputs: { data: z.number() }, outputs: { model: z.string() }, params: { rate: z.number() },
  group: 'training_cluster', resources: { cpu: '4', memory: '8Gi' }, retry: { maxAttempts: 3 }, timeout: '5 minutes' }, () => 'm');
const load = step({ name: 'load', outputs: { data: z.number() } }, () => 1);
export default pipeline('training', { steps: [evaluate, train, load], context: { rate: 0.1 } });
`;
const HANGS = `export default await new Promise(() => {});\n`;
const EXITS = `process.exit(0);\n`;

let project: TestProject;
let text: Outcome;
let json: Outcome;
let mermaid: Outcome;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/training.ts': TRAINING, 'hangs.ts': HANGS, 'exits.ts': EXITS });
  const calls = [[], ['--json'], ['--mermaid']].map((options) => ({ args: ['plan', 'pipelines/training.ts', ...options] }));
  [text, json, mermaid] = (await callMany(calls, project)) as [Outcome, Outcome, Outcome];
});
afterAll(() => project.remove());

describe('flowyml plan', () => {
  it('shows the steps in the order in which they run, with what they need; what the module prints goes to stderr', () => {
    expect(text.code).toBe(0);
    expect(text.stderr).toBe('loading data frames\n');
    const order = [...text.stdout.matchAll(/^ {2}\d\. (\w+)(?: \(depends on: (.+)\))?/gm)].map(([, name, needs]) => [name, needs]);
    expect(order).toEqual([
      ['load', undefined],
      ['train', 'load'],
      ['evaluate', expect.stringMatching(/^(train, load|load, train)$/)],
    ]);
    expect(text.stdout).toMatch(/training_cluster/);
    expect(text.stdout).toContain('8Gi');
    expect(text.stdout).toContain('up to 3 attempts');
    expect(text.stdout).not.toContain('loading');
  });

  it('gives the plan as JSON', () => {
    expect(json.code).toBe(0);
    const plan = JSON.parse(json.stdout) as Plan;
    expect(plan).toMatchObject({ planVersion: expect.any(Number), pipeline: 'training', stack: 'local', project: project.name });
    expect(plan.steps.map(({ name, taskQueue }) => [name, taskQueue])).toEqual([
      ['load', project.name],
      ['train', `${project.name}.local.training_cluster`],
      ['evaluate', project.name],
    ]);
  });

  it('draws the graph for Mermaid', () => {
    const ids = Object.fromEntries([...mermaid.stdout.matchAll(/(\w+)\["(\w+)/g)].map(([, id, name]) => [id, name]));
    const edges = [...mermaid.stdout.matchAll(/(\w+) -->\|(\w+)\| (\w+)/g)].map(([, from, label, to]) => [
      ids[from ?? ''],
      label,
      ids[to ?? ''],
    ]);
    expect(mermaid.stdout).toMatch(/^flowchart /);
    expect(edges.sort()).toEqual([
      ['load', 'data', 'evaluate'],
      ['load', 'data', 'train'],
      ['train', 'model', 'evaluate'],
    ]);
  });

  it('names what the cache cannot see, unless the step has named it', async () => {
    const steps = (cache: string) => `import { pipeline, step } from 'flowyml';
export default pipeline('reads', { steps: [step({ name: 'read'${cache} }, () => { console.log(process.env.MODEL_DIR); })] });
`;
    writeFileSync(join(project.root, 'reads.ts'), steps(''));
    writeFileSync(join(project.root, 'named.ts'), steps(", cache: { also: ['MODEL_DIR'] }"));
    writeFileSync(join(project.root, 'never.ts'), steps(', cache: false'));
    const [reads, ...others] = (await callMany(
      ['reads.ts', 'named.ts', 'never.ts'].map((module) => ({ args: ['plan', module] })),
      project,
    )) as [Outcome, Outcome, Outcome];
    expect(reads.stderr).toMatch(/^Pipeline 'reads': the cache cannot see .*\n {2}reads\.ts:.*: the environment variable MODEL_DIR\n$/);
    expect(others.map(({ stderr }) => stderr)).toEqual(['', '']);
  });

  it('starts nothing', async () => {
    const [status] = (await callMany([{ args: ['status', '--json'] }], project)) as [Outcome];
    expect(JSON.parse(status.stdout).workers).toEqual([]);
  });

  it.each(['hangs.ts', 'exits.ts'])('says so when a module ends the process while it is loaded (%s)', async (module) => {
    const { code, stdout, stderr } = await project.flowyml('plan', module);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`flowyml: ${module} ended the process while it was loaded`);
  });
});
