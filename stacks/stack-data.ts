import { milliseconds } from '../pipelines/duration.ts';
import type { ContainerRegistrySpec, StackSpec } from '../pipelines/stack-spec.ts';
import { camelKeys } from './key-case.ts';
import type { COMPONENTS, StackData } from './schema.ts';

type Component = (typeof COMPONENTS)[number];

// Which flat key says the same as which component.
const FLAT: Record<string, Component> = {
  artifact_path: 'artifact_store',
  bucket_name: 'artifact_store',
  s3_bucket: 'artifact_store',
  metadata_path: 'metadata_store',
  registry_uri: 'container_registry',
  ecr_registry: 'container_registry',
};

/** Keys that say the same thing twice: a component and its flat form. */
export function doubledKeys(stack: StackData): { key: string; message: string }[] {
  const doubled = Object.entries(FLAT).filter(([flat, component]) => flat in stack && component in stack);
  const twice = doubled.map(([flat, component]) => ({ key: flat, message: `'${flat}' and '${component}' say the same: keep one` }));
  if ('service_account' in stack && (stack.orchestrator as { service_account?: string } | undefined)?.service_account !== undefined)
    twice.push({ key: 'service_account', message: "'service_account' and 'orchestrator.service_account' say the same: keep one" });
  return twice;
}

/** Components that hold for a stack that names none of its own. */
export type SharedComponents = Partial<Pick<StackData, Component>>;

/** A stack as flowyml.yaml describes it, with the components that its type brings. */
export function stackSpec(name: string, data: StackData, shared: SharedComponents = {}): StackSpec {
  const spec = camelKeys({
    name,
    type: data.type,
    ...shared,
    ...defaults(data, shared),
    ...Object.fromEntries(
      Object.entries(data).filter(([key, value]) => value !== undefined && !(key in FLAT) && key !== 'service_account'),
    ),
  }) as StackSpec & { executor?: { idleTimeout?: string | number } };
  const { idleTimeout, ...executor } = spec.executor ?? {};
  if (idleTimeout === undefined) return spec;
  return { ...spec, executor: { ...executor, idleTimeoutMs: milliseconds(idleTimeout, 'idle_timeout') } as never };
}

/** What the flat keys say, and what stands where nothing is said: the table in docs/stacks.md. */
function defaults(data: StackData, shared: SharedComponents): Record<string, unknown> {
  if (data.type === 'local') {
    const path = data.artifact_path ?? (shared.artifact_store ? undefined : '.flowyml/artifacts');
    return {
      ...(path === undefined ? {} : { artifact_store: { type: 'local', path } }),
      ...(data.metadata_path === undefined ? {} : { metadata_store: { type: 'embedded', path: data.metadata_path } }),
    };
  }
  if (data.type === 'gcp') {
    const { project_id, region, bucket_name, registry_uri, service_account, orchestrator } = data;
    const own = orchestrator === undefined && shared.orchestrator === undefined;
    return {
      ...(bucket_name === undefined ? {} : { artifact_store: { type: 'gcs', bucket: bucket_name, ...(project_id ? { project_id } : {}) } }),
      ...googleRegistry(registry_uri, project_id, region, shared),
      ...(own || service_account !== undefined
        ? { orchestrator: { type: 'vertex_ai', ...(service_account === undefined ? {} : { service_account }) } }
        : {}),
    };
  }
  if (data.type === 'aws') {
    const { region, s3_bucket, ecr_registry } = data;
    const place = region === undefined ? {} : { region };
    return {
      ...(s3_bucket === undefined ? {} : { artifact_store: { type: 's3', bucket: s3_bucket, ...place } }),
      ...(ecr_registry === undefined ? {} : { container_registry: { type: 'ecr', uri: ecr_registry, ...place } }),
    };
  }
  return {
    namespace: 'flowyml',
    storage_class: 'standard',
    ...(shared.artifact_store ? {} : { artifact_store: { type: 'local', path: '.flowyml/artifacts' } }),
  };
}

function googleRegistry(uri: string | undefined, project: string | undefined, region: string | undefined, shared: SharedComponents) {
  if (uri !== undefined) {
    const type: ContainerRegistrySpec['type'] = /(^|\.)gcr\.io(\/|$)/.test(uri) ? 'gcr' : 'artifact_registry';
    return { container_registry: { type, uri } };
  }
  if (project === undefined || region === undefined || shared.container_registry) return {};
  return { container_registry: { type: 'artifact_registry', uri: `${region}-docker.pkg.dev/${project}/flowyml` } };
}
