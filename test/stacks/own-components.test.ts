import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject, until } from '../support/project.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/16-your-own-components', import.meta.url));

describe('a stack of one’s own components', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await makeProject();
    cpSync(EXAMPLE, project.root, { recursive: true });
    const yaml = readFileSync(join(EXAMPLE, 'flowyml.yaml'), 'utf8');
    project.write('flowyml.yaml', yaml.replace('own-components', project.name));
  });
  afterAll(() => project.remove());

  /** The workers that were started and still run. */
  const processes = () => {
    const folder = join(project.root, '.flowyml/processes');
    const all = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return all.filter((name) => existsSync(`/proc/${JSON.parse(readFileSync(join(folder, name), 'utf8')).pid}`));
  };

  it('keeps artifacts in its store, and has steps done by workers that its executor starts and ends', async () => {
    const { code, stdout, stderr } = await project.flowyml('run', 'pipelines/word-count.ts', '--json');
    expect(code, stderr).toBe(0);
    const { steps, runId } = JSON.parse(stdout) as RunResult;
    expect(steps.count).toMatchObject({ status: 'succeeded', group: 'counting' });
    expect(steps.read?.outputs.lines?.uri).toMatch(/\.flowyml\/zipped\/[0-9a-f]{2}\/[0-9a-f]{64}\.gz$/);
    const got = await project.flowyml('artifact', 'get', `${runId}/read/lines`);
    expect(JSON.parse(got.stdout)).toHaveLength(500);
    await until(() => processes().length === 0, 'the end of all workers');
    const again = JSON.parse((await project.flowyml('run', 'pipelines/word-count.ts', '--json')).stdout) as RunResult;
    expect(Object.values(again.steps).map(({ status }) => status)).toEqual(['cached', 'cached']);
  });

  it('says which module is wrong, and how', async () => {
    project.write('components/process-executor.ts', 'export const executor = {};\n');
    const running = project.start('run', 'pipelines/word-count.ts', '--no-cache');
    await running.until(/components\/process-executor\.ts: expected a default export \(options, project\) => Executor, found undefined/);
    running.child.kill('SIGINT');
    await running.ended;
    project.write('components/zipped-store.ts', 'export default () => ({ put() {} });\n');
    const validated = await project.flowyml('stack', 'validate');
    expect(validated.code).toBe(1);
    expect(validated.stdout).toMatch(/problem\s+artifact store: .*zipped-store\.ts.*(open|has)/);
  });
});
