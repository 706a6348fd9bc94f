import { z } from 'zod';
import { LEAST_POOL } from '../metadata/address.ts';
import type { DockerOptions } from '../pipelines/docker.ts';
import { milliseconds } from '../pipelines/duration.ts';
import { isCount, isRate, NO_COUNT, NO_RATE } from '../pipelines/group-limits.ts';
import { type ResourceOptions, resourceProblems } from '../pipelines/resources.ts';
import type { Snake } from './key-case.ts';

// The one schema of flowyml.yaml; stacks made in code and those in run requests are read by the same, in camelCase.

const text = z.string({ error: 'expected a text' }).min(1, 'expected a text');
const count = z.custom<number>(isCount, said(NO_COUNT));
// Checked again where the address is used: a URL may say it too.
const poolSize = z.custom<number>(
  (value) => isCount(value) && Number(value) >= LEAST_POOL,
  said(`is not a whole number from ${LEAST_POOL}`),
);
const rate = z.custom<number>(isRate, said(NO_RATE));
const span = z.custom<string | number>(isSpan, said("is not a duration; write it like '30 s' or '10 minutes'"));

function said(problem: string) {
  return { error: ({ input }: { input?: unknown }) => `${JSON.stringify(input)} ${problem}` };
}

function isSpan(value: unknown): boolean {
  try {
    return milliseconds(value as string, '') > 0;
  } catch {
    return false;
  }
}

const custom = z.strictObject({ type: z.literal('custom'), module: text, options: z.record(z.string(), z.json()).optional() });

const artifactStore = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local'), path: text.default('.flowyml/artifacts') }),
  z.strictObject({
    type: z.literal('gcs'),
    bucket: text,
    prefix: text.optional(),
    project_id: text.optional(),
    endpoint: text.optional(),
  }),
  z.strictObject({
    type: z.literal('s3'),
    bucket: text,
    prefix: text.optional(),
    region: text.optional(),
    endpoint: text.optional(),
    force_path_style: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('azure'),
    container: text,
    account: text.optional(),
    connection_string: text.optional(),
    prefix: text.optional(),
    endpoint: text.optional(),
  }),
  custom,
]);

const metadataStore = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('embedded'), path: text.optional() }),
  z.strictObject({
    type: z.literal('postgresql'),
    url: text,
    pool_size: poolSize.optional(),
    tls: z
      .strictObject({
        mode: z.enum(['disable', 'require', 'verify-full']),
        ca: text.optional(),
        cert: text.optional(),
        key: text.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('cloudsql'),
    instance: text,
    database: text,
    user: text,
    password: text.optional(),
    ip_type: z.enum(['public', 'private', 'psc']).optional(),
    pool_size: poolSize.optional(),
  }),
]);

const registry = <T extends string>(type: T) =>
  z.strictObject({ type: z.literal(type), uri: text, region: text.optional(), insecure: z.boolean().optional() });
const containerRegistry = z.discriminatedUnion('type', [
  registry('gcr'),
  registry('artifact_registry'),
  registry('ecr'),
  registry('dockerhub'),
  registry('registry'),
  custom,
]);

const orchestrator = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('temporal') }),
  z.strictObject({
    type: z.literal('vertex_ai'),
    project_id: text.optional(),
    region: text.optional(),
    service_account: text.optional(),
    network: text.optional(),
    staging_bucket: text.optional(),
  }),
]);

const executor = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local') }),
  z.strictObject({ type: z.literal('docker'), replicas: count.optional(), idle_timeout: span.optional() }),
  z.strictObject({ type: z.literal('vertex_ai') }),
  custom,
]);

const components = {
  artifact_store: artifactStore.optional(),
  metadata_store: metadataStore.optional(),
  container_registry: containerRegistry.optional(),
  orchestrator: orchestrator.optional(),
  executor: executor.optional(),
};

/** The components of a stack; at the top of flowyml.yaml they hold for stacks that do not name their own. */
export const COMPONENTS = Object.keys(components) as (keyof typeof components)[];

const stack = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local'), artifact_path: text.optional(), metadata_path: text.optional(), ...components }),
  z.strictObject({
    type: z.literal('gcp'),
    project_id: text.optional(),
    region: text.optional(),
    bucket_name: text.optional(),
    registry_uri: text.optional(),
    service_account: text.optional(),
    ...components,
  }),
  z.strictObject({
    type: z.literal('aws'),
    region: text.optional(),
    s3_bucket: text.optional(),
    ecr_registry: text.optional(),
    ...components,
  }),
  z.strictObject({
    type: z.literal('kubernetes'),
    namespace: text.optional(),
    storage_class: text.optional(),
    ...components,
  }),
]);

const texts = z.array(text, { error: 'expected a list of texts' });
const values = z.record(z.string(), z.string({ error: ({ input }) => `${JSON.stringify(input)} is no text: put it in quotes` }));

const docker = z.strictObject({
  image: text.optional(),
  dockerfile: text.optional(),
  build_context: text.optional(),
  build_args: values.optional(),
  base_image: text.optional(),
  requirements: texts.optional(),
  requirements_file: text.optional(),
  use_poetry: z.boolean().optional(),
  poetry_groups: texts.optional(),
  poetry_extras: texts.optional(),
  use_uv: z.boolean().optional(),
  platforms: texts.optional(),
  env_vars: values.optional(),
} satisfies Record<Snake<keyof DockerOptions>, unknown>);

const amount = (key: 'cpu' | 'memory' | 'diskSize') =>
  z.union([z.string(), z.number()]).superRefine((value, context) => {
    for (const problem of resourceProblems({ [key]: value }, ''))
      context.addIssue({ code: 'custom', message: problem.replace(/^\.\w+: /, '') });
  });
const resources = z.strictObject({
  cpu: amount('cpu').optional(),
  memory: amount('memory').optional(),
  gpu: text.optional(),
  gpu_count: z.int().min(0).optional(),
  disk_size: amount('diskSize').optional(),
  machine_type: text.optional(),
  preemptible: z.boolean().optional(),
  autoscaling: z.boolean().optional(),
} satisfies Record<Snake<keyof ResourceOptions>, unknown>);

const group = z.strictObject({
  executor: executor.optional(),
  resources: z.union([resources, text]).optional(),
  docker: docker.optional(),
  colocate: z.boolean().optional(),
  replicas: count.optional(),
  min_replicas: z.custom<number>((value) => value === 0 || isCount(value), said('is not a whole number')).optional(),
  max_concurrent: count.optional(),
  max_per_second: rate.optional(),
});

/** flowyml.yaml, once its short forms are written out. */
export const fileSchema = z.strictObject({
  project: z.string().optional(),
  pipelines: z.union([z.string(), z.array(z.string())], { error: 'expected a path or pattern, or a list of them' }).optional(),
  active_stack: z.string().optional(),
  stacks: z.record(z.string(), stack).optional(),
  groups: z.record(z.string(), group).optional(),
  docker: docker.optional(),
  resources: z.record(z.string(), resources).optional(),
  ...components,
});

export const stackSchema = stack;

export type FileData = z.infer<typeof fileSchema>;
export type StackData = z.infer<typeof stack>;
