import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from '../support/project.ts';

const SCRIPT = `
import { pipeline, run, step } from 'flowyml';
import { z } from 'zod';

const add = step({ name: 'add', params: { n: z.number() }, outputs: { sum: z.number() } }, ({ n }) => n + 1);
const count = step({ name: 'count', outputs: { all: z.array(z.number()) } }, () => Array.from({ length: 3000 }, (_, i) => i));
const counting = pipeline('counting', { steps: [add, count] });

const result = await run(counting, { params: { n: 41 }, onProgress: (line) => console.error('progress', line) });
const sum: number | undefined = result.outputs.sum;
console.log(JSON.stringify({ success: result.success, sum, length: (await result.output('all')).length }));
const refused = await run(counting, { params: { m: 1 } as never }).catch((error) => error);
console.log(refused.name, refused.message);
`;

let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'script.ts': SCRIPT });
});
afterAll(() => project.remove());

describe('a script with a top-level run()', () => {
  it('runs the pipeline with all it needs, gets typed values, and ends', async () => {
    const { code, stdout, stderr } = await project.script('script.ts');
    expect(code, stderr).toBe(0);
    const [result, refused] = stdout.trim().split('\n');
    expect(JSON.parse(result ?? '')).toEqual({ success: true, sum: 42, length: 3000 });
    expect(refused).toBe("PlanError pipeline 'counting':");
    expect(stdout).toContain("unknown param 'm'; did you mean 'n'?");
    expect(stderr).toBe('');
  });

  it('is a module for the command too, which does not run its run()', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'script.ts', '-p', 'n=1', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pipeline: 'counting', steps: { add: { outputs: { sum: { value: 2 } } } } });
  });
});
