// In a process of its own, with the loader as workers have it: vitest would run other code than what lies on disk.
import { readFileSync, writeFileSync } from 'node:fs';
import { stepIdentities } from '../../../identity/step-identity.ts';
import { loadModule } from '../../../loader/load-module.ts';
import type { Computed, Request } from './compute.ts';

const [input = '', output = ''] = process.argv.slice(2);
const requests: Request[] = JSON.parse(readFileSync(input, 'utf8'));
const results: Computed[] = [];
for (const { module, root } of requests) {
  try {
    const { file, pipelines } = await loadModule(module);
    const [first] = pipelines;
    if (!first) throw new Error(`${module} exports no pipeline`);
    const identities = await stepIdentities(first.pipeline, file, { root });
    results.push({ steps: Object.fromEntries(identities) });
  } catch (error) {
    results.push({ steps: {}, error: (error as Error).stack ?? String(error) });
  }
}
writeFileSync(output, JSON.stringify(results));
