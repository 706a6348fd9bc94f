import { resolve } from 'node:path';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import { localStore } from '../local-store.ts';

export type LoadModule = (module: string) => Promise<unknown>;

export async function openStore(spec: ArtifactStoreSpec, root: string, _load?: LoadModule): Promise<ArtifactStore> {
  if (spec.type === 'local') return localStore(resolve(root, spec.path));
  throw new UsageError(`artifact store: type '${spec.type}' is not known`);
}
