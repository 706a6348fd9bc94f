import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import * as flowyml from '../../index.ts';
import * as stacks from '../../stacks/index.ts';

const run = promisify(execFile);
const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;

// Tells of each module that is imported, before the script runs.
const TELL = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    writeSync(2, url + '\\n');
    return next(url, context);
  }
`)}`;

// Every step process and every script loads them.
it.each([
  ['flowyml', ['fastest-levenshtein', 'ms', 'p-map', 'zod']],
  ['flowyml/stacks', ['fastest-levenshtein', 'ms', 'zod']],
])('%s imports few packages: no client of a cloud, of Docker or of Temporal', async (entry, expected) => {
  const script = `import { register } from 'node:module'; register(${JSON.stringify(TELL)}); await import('${entry}');`;
  const args = ['-C', 'flowyml-source', '--import', REGISTER, '--input-type=module', '-e', script];
  const { stderr } = await run(process.execPath, args, { cwd: CLONE });
  const packages = [...stderr.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name]) => name as string);
  expect([...new Set(packages)].sort()).toEqual(expected);
});

it('stacks in code come from either', () => {
  const { LocalStack, GCPStack, AWSStack, KubernetesStack, ResourceConfig, DockerConfig } = flowyml;
  const { StackRegistry, setActiveStack, getActiveStack } = flowyml;
  const classes = { LocalStack, GCPStack, AWSStack, KubernetesStack, ResourceConfig, DockerConfig, StackRegistry };
  expect(Object.values(classes).map(({ name }) => name)).toEqual(Object.keys(classes));
  expect({ ...stacks }).toMatchObject({ ...classes, setActiveStack, getActiveStack });
  expect(new stacks.ECRContainerRegistry({ accountId: '123456789012', region: 'us-east-1' }).uri).toBe(
    '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  );
});
