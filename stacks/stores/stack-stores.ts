import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArtifactStore } from '../../artifacts/store.ts';
import type { ArtifactStoreSpec, StackSpec } from '../../pipelines/stack-spec.ts';
import { localStore } from '../local-store.ts';
import { isUnset, resolveVariables, variablesOf } from '../variables.ts';
import { openStore } from './open-store.ts';
import { type Opened, readThrough } from './read-through.ts';

/** A stack's artifact store, and those of other stacks from which artifacts are taken. Plain data, without secrets. */
export interface StoreTarget {
  /** The project's folder. */
  root: string;
  own: ArtifactStoreSpec;
  others: ArtifactStoreSpec[];
}

/** Where a stack keeps artifacts, and where those that it needs may lie: in the stores of the stacks beside it. */
export function storeTarget(root: string, stack: StackSpec, beside: Iterable<StackSpec>): StoreTarget {
  const own = stack.artifactStore ?? DEFAULT;
  const known = new Map([[JSON.stringify(own), own]]);
  for (const { artifactStore } of beside) if (artifactStore) known.set(JSON.stringify(artifactStore), artifactStore);
  const [, ...others] = known.values();
  // What names variables that are not set here is for other machines.
  return { root, own, others: others.filter((spec) => !variablesOf(spec).some((use) => isUnset(use))) };
}

const DEFAULT: ArtifactStoreSpec = { type: 'local', path: '.flowyml/artifacts' };

const stores = new Map<string, ArtifactStore>();

/** The store of a target. A process opens each once, when it is first used. */
export function storeOf(target: StoreTarget): ArtifactStore {
  const key = JSON.stringify(target);
  let store = stores.get(key);
  if (!store) {
    const { root, own, others } = target;
    store =
      own.type === 'local' && !others.length
        ? localStore(resolve(root, filled(own).path))
        : readThrough(
            opened(own, root),
            others.map((each) => ({ open: opened(each, root), location: locationOf(each, root) })),
          );
    stores.set(key, store);
  }
  return store;
}

const open = new Map<string, Promise<ArtifactStore>>();

/** Several targets share a store. One that could not be opened is tried again. */
function opened(spec: ArtifactStoreSpec, root: string): Opened {
  const key = JSON.stringify([root, spec]);
  return () => {
    const known = open.get(key);
    if (known) return known;
    const store = openStore(filled(spec), root);
    store.catch(() => open.delete(key));
    open.set(key, store);
    return store;
  };
}

const filled = <T extends ArtifactStoreSpec>(spec: T): T => resolveVariables(spec, 'artifact store');

/** The folder of a local store; undefined where artifacts lie elsewhere. */
export function localFolder({ root, own }: Pick<StoreTarget, 'root' | 'own'>): string | undefined {
  return own.type === 'local' ? resolve(root, filled(own).path) : undefined;
}

/** An artifact store for people: where its artifacts lie. */
export function describeStore(spec: ArtifactStoreSpec): string {
  const below = 'prefix' in spec && spec.prefix ? `/${spec.prefix}` : '';
  if (spec.type === 'gcs') return `gs://${spec.bucket}${below}`;
  if (spec.type === 's3') return `s3://${spec.bucket}${below}`;
  if (spec.type === 'azure') return `azure container ${spec.container}${below}`;
  return spec.type === 'local' ? spec.path : `the store of ${spec.module}`;
}

/** How the addresses of what a store keeps begin; undefined where only the store can tell. */
function locationOf(spec: ArtifactStoreSpec, root: string): string | undefined {
  if (spec.type === 'local') return pathToFileURL(resolve(root, filled(spec).path)).href;
  return spec.type === 'gcs' || spec.type === 's3' ? `${describeStore(filled(spec))}/` : undefined;
}
