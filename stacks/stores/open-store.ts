import { resolve } from 'node:path';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import { localStore } from '../local-store.ts';
import { makePlugin } from '../plugin.ts';
import { ObjectStore } from './object-store.ts';

const TYPES = ['local', 'gcs', 's3', 'azure', 'custom'];
const CUSTOM = { what: 'artifact store', factory: '(options, { root }) => ArtifactStore', methods: ['put', 'open', 'has'] };

/**
 * The store that a stack names. A cloud's client is imported only here, and only the one that is needed. Nothing is asked of
 * the store yet. Variables of the environment in the texts are resolved already. Throws `UsageError` for what cannot be one.
 * @param root the project's folder, from which relative paths count
 */
export async function openStore(spec: ArtifactStoreSpec, root: string): Promise<ArtifactStore> {
  switch (spec.type) {
    case 'local':
      return localStore(resolve(root, spec.path));
    case 'gcs': {
      const prefix = prefixOf(spec);
      const { GcsClient } = await import('./gcs.ts');
      return new ObjectStore(new GcsClient(spec, prefix));
    }
    case 's3': {
      const prefix = prefixOf(spec);
      // Else it warns, on every start under Node 20, of releases to come. Ours is pinned to one that runs on it.
      process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
      const { S3Objects } = await import('./s3.ts');
      return new ObjectStore(new S3Objects(spec, prefix));
    }
    case 'azure': {
      const prefix = prefixOf(spec);
      const { AzureClient } = await import('./azure.ts');
      return new ObjectStore(await AzureClient.create(spec, prefix));
    }
    case 'custom':
      return (await makePlugin(CUSTOM, spec, { root })) as ArtifactStore;
    default: {
      const { type } = spec as { type: unknown };
      throw new UsageError(`artifact store: type '${String(type)}' is not known${hint(String(type), TYPES)}`);
    }
  }
}

/** `a/b/` for `/a/b`: what a key begins with. Checks on the way what every store of a cloud needs. */
function prefixOf(spec: Exclude<ArtifactStoreSpec, { type: 'local' | 'custom' }>): string {
  const [key, name] = spec.type === 'azure' ? ['container', spec.container] : ['bucket', spec.bucket];
  if (!name || /[/\\:]/.test(name))
    throw new UsageError(`artifact store: ${key}: expected the ${key}'s name alone, received '${name}'; a path in it goes to \`prefix\``);
  if (spec.endpoint !== undefined && !/^https?:\/\/[^/@?]+(\/[^@?]*)?$/.test(spec.endpoint))
    throw new UsageError('artifact store: endpoint: expected http://HOST or https://HOST, with neither credentials nor a query in it');
  const parts = (spec.prefix ?? '').split('/').filter(Boolean);
  if (parts.some((part) => part === '.' || part === '..'))
    throw new UsageError(`artifact store: prefix: '.' and '..' mean nothing in '${spec.prefix}'`);
  return parts.map((part) => `${part}/`).join('');
}
