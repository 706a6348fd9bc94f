import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ArtifactStoreSpec, StackSpec } from '../../pipelines/stack-spec.ts';
import { storeRemedy } from '../place-problems.ts';
import { checkStore } from '../stores/check-store.ts';
import { openStore } from '../stores/open-store.ts';
import { describeStore } from '../stores/stack-stores.ts';
import { resolveVariables } from '../variables.ts';
import { type Finding, fine, wrong } from './stack-check.ts';

/** Writes, reads, lists and removes a small blob. A local folder that is not there yet is not made. */
export async function checkArtifactStore({ type, artifactStore }: StackSpec, root: string): Promise<Finding> {
  if (!artifactStore) return wrong('none is named', `give the stack ${storeRemedy(type)}`);
  const spec: ArtifactStoreSpec = resolveVariables(artifactStore, 'artifact_store');
  const where = describeStore(spec);
  if (spec.type === 'local') {
    const folder = resolve(root, spec.path);
    if (!existsSync(folder)) return checkFutureFolder(folder);
  }
  const { ok, problem, remedy } = await checkStore(await openStore(spec, root));
  return ok ? fine(`${where} can be read and written`) : wrong(`${where}: ${problem}`, remedy);
}

function checkFutureFolder(folder: string): Finding {
  let there = dirname(folder);
  while (!existsSync(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
    return fine(`${folder}, made at the first artifact`);
  } catch {
    return wrong(
      `${folder} cannot be made: this user may not write to ${there}`,
      'give this user the right to write there, or name another folder',
    );
  }
}
