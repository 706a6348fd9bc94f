import { z } from 'zod';
import { LEAST_POOL } from '../metadata/address.ts';
import type { DockerOptions } from '../pipelines/docker.ts';
import { milliseconds } from '../pipelines/duration.ts';
import { isCount, isRate, NO_COUNT, NO_RATE } from '../pipelines/group-limits.ts';
import { type ResourceOptions, resourceProblems } from '../pipelines/resources.ts';
import type { Snake } from './key-case.ts';

// The one schema of flowyml.yaml; stacks made in code and those in run requests are read by the same, in camelCase. Its
// descriptions are what editors show: `npm run schema` writes schema/flowyml.schema.json.

const text = z.string({ error: 'expected a text' }).min(1, 'expected a text');
const say = (description: string) => text.optional().describe(description);
// What JSON Schema cannot be told by a function.
const count = z.custom<number>(isCount, said(NO_COUNT)).meta({ type: 'integer', minimum: 1 });
const rate = z.custom<number>(isRate, said(NO_RATE)).meta({ type: 'number', exclusiveMinimum: 0 });
const span = z
  .custom<string | number>(isSpan, said("is not a duration; write it like '30 s' or '10 minutes'"))
  .meta({ type: ['string', 'number'] });

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

const custom = z
  .strictObject({
    type: z.literal('custom'),
    module: text.describe('Module whose default export makes it; relative to the project.'),
    options: z.record(z.string(), z.json()).optional().describe('What the module gets as its first argument.'),
  })
  .meta({ id: 'custom', description: 'One of your own.' });

const prefix = say('Below which everything lies: for several stores in one bucket.');
const endpoint = say("Address of another server than the cloud's own, or of an emulator.");
const artifactStore = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('local'),
      path: text.default('.flowyml/artifacts').describe('Folder; relative to the project.'),
    })
    .describe('A folder.'),
  z
    .strictObject({
      type: z.literal('gcs'),
      bucket: text.describe('Name of the bucket.'),
      prefix,
      project_id: say('Project that is billed.'),
      endpoint,
    })
    .describe('Google Cloud Storage.'),
  z
    .strictObject({
      type: z.literal('s3'),
      bucket: text.describe('Name of the bucket.'),
      prefix,
      region: say('Region of the bucket; what AWS is told elsewhere unless given.'),
      endpoint,
      force_path_style: z.boolean().optional().describe('Name the bucket in the path, not the host: most other servers need it.'),
    })
    .describe('Amazon S3, or a server like it.'),
  z
    .strictObject({
      type: z.literal('azure'),
      container: text.describe('Name of the container.'),
      account: say('Name of the storage account.'),
      connection_string: say(`In place of 'account'; a secret, so \${NAME} of a variable.`),
      prefix,
      endpoint,
    })
    .describe('Azure Blob Storage.'),
  custom,
]);

// Checked again where the address is used: a URL may say it too.
const poolSize = z
  .custom<number>((value) => isCount(value) && Number(value) >= LEAST_POOL, said(`is not a whole number from ${LEAST_POOL}`))
  .meta({ type: 'integer', minimum: LEAST_POOL })
  .optional()
  .describe('Connections at most, of each process.');
const metadataStore = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('embedded'), path: say('Folder of its data; relative to the project.') })
      .describe('The PostgreSQL that flowyml starts.'),
    z
      .strictObject({
        type: z.literal('postgresql'),
        url: text.describe(`postgres://user:\${PASSWORD}@host:5432/database`),
        pool_size: poolSize,
        tls: z
          .strictObject({
            mode: z.enum(['disable', 'require', 'verify-full']).describe('verify-full also checks the certificate and the name.'),
            ca: say('File in PEM: of whom to trust.'),
            cert: say('File in PEM: a certificate of our own.'),
            key: say('File in PEM: its key.'),
          })
          .optional()
          .describe('How the connection is encrypted.'),
      })
      .describe('A PostgreSQL of yours.'),
    z
      .strictObject({
        type: z.literal('cloudsql'),
        instance: text.describe('project:region:instance'),
        database: text.describe('Name of the database.'),
        user: text.describe('Who logs in.'),
        password: say(`A secret, so \${NAME} of a variable; by IAM unless given.`),
        ip_type: z.enum(['public', 'private', 'psc']).optional().describe('Which address of the instance; public unless given.'),
        pool_size: poolSize,
      })
      .describe('PostgreSQL in Cloud SQL.'),
  ])
  .meta({ id: 'metadata_store' });

const registry = <T extends string>(type: T, description: string) =>
  z
    .strictObject({
      type: z.literal(type),
      uri: text.describe('Host, and where needed the path, below which images are named.'),
      region: say('Region of the registry; of ECR alone.'),
      insecure: z.boolean().optional().describe('Speak plain http, also to another machine.'),
    })
    .describe(description);
const containerRegistry = z
  .discriminatedUnion('type', [
    registry('gcr', 'gcr.io.'),
    registry('artifact_registry', 'Google Artifact Registry.'),
    registry('ecr', 'Amazon ECR.'),
    registry('dockerhub', 'Docker Hub.'),
    registry('registry', 'Any other registry.'),
    custom,
  ])
  .meta({ id: 'container_registry' });

const orchestrator = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('temporal') }).describe('Steps run on workers.'),
  z
    .strictObject({
      type: z.literal('vertex_ai'),
      project_id: say("Project of the jobs; the stack's unless given."),
      region: say("Region of the jobs; the stack's unless given."),
      service_account: say('Whom the jobs run as.'),
      network: say('Network that the jobs are peered with.'),
      staging_bucket: say('Bucket for what Vertex AI itself keeps.'),
    })
    .describe('Groups run as jobs of Vertex AI.'),
]);

const executor = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local') }).describe('In processes of the workers that you start.'),
  z
    .strictObject({
      type: z.literal('docker'),
      replicas: count.optional().describe('Containers of a group; 1 unless given.'),
      idle_timeout: span.optional().describe("How long an idle container is kept, such as '10 minutes'; 5 minutes unless given."),
    })
    .describe("In containers on the worker's Docker, which are started when a run needs them."),
  z.strictObject({ type: z.literal('vertex_ai') }).describe('As jobs of Vertex AI.'),
  custom,
]);

const components = {
  artifact_store: artifactStore.optional().describe('Where what steps hand on is kept.'),
  metadata_store: metadataStore.optional().describe('Where runs, lineage and the cache are kept: a PostgreSQL.'),
  container_registry: containerRegistry.optional().describe('Where images are pushed to.'),
  orchestrator: orchestrator.optional().describe("Temporal always orchestrates; 'vertex_ai' says where jobs run."),
  executor: executor.optional().describe('What runs the steps.'),
};

/** The components of a stack; at the top of flowyml.yaml they hold for stacks that do not name their own. */
export const COMPONENTS = Object.keys(components) as (keyof typeof components)[];

const stack = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('local'),
      artifact_path: say('Folder of the artifact store; short for artifact_store.'),
      metadata_path: say('Folder of the embedded PostgreSQL; short for metadata_store.'),
      ...components,
    })
    .describe('This machine.'),
  z
    .strictObject({
      type: z.literal('gcp'),
      project_id: say('Google Cloud project.'),
      region: say('Such as us-central1.'),
      bucket_name: say('Cloud Storage bucket of the artifacts; short for artifact_store.'),
      registry_uri: say('Such as REGION-docker.pkg.dev/PROJECT/REPOSITORY; short for container_registry.'),
      service_account: say('Whom jobs run as; short for orchestrator.service_account.'),
      ...components,
    })
    .describe('Google Cloud.'),
  z
    .strictObject({
      type: z.literal('aws'),
      region: say('Such as us-east-1.'),
      s3_bucket: say('S3 bucket of the artifacts; short for artifact_store.'),
      ecr_registry: say('ACCOUNT.dkr.ecr.REGION.amazonaws.com; short for container_registry.'),
      ...components,
    })
    .describe('Amazon Web Services.'),
  z
    .strictObject({
      type: z.literal('kubernetes'),
      namespace: say("Of the workers; 'flowyml' unless given."),
      storage_class: say("Of volumes; 'standard' unless given."),
      ...components,
    })
    .describe('A Kubernetes cluster.'),
]);

const texts = z.array(text, { error: 'expected a list of texts' });
const values = z.record(z.string(), z.string({ error: ({ input }) => `${JSON.stringify(input)} is no text: put it in quotes` }));

const docker = z
  .strictObject({
    image: say('Image to use as it is; beside a build source, the name to build and push it under.'),
    dockerfile: say('Dockerfile; relative to the project. Found by itself unless given.'),
    build_context: say('Folder whose files the build sees; the project unless given.'),
    build_args: values.optional().describe("The Dockerfile's ARGs."),
    base_image: say('What a written Dockerfile begins from.'),
    requirements: texts.optional().describe('Python requirements: one more layer.'),
    requirements_file: say("A requirements file; wins over Poetry's and uv's lock files."),
    use_poetry: z.boolean().optional().describe('Install what poetry.lock says.'),
    poetry_groups: texts.optional().describe("Poetry's dependency groups beside the main one."),
    poetry_extras: texts.optional().describe('Extras of the project.'),
    use_uv: z.boolean().optional().describe('Install what uv.lock says.'),
    platforms: texts.optional().describe("Such as linux/amd64; this machine's own unless given."),
    env_vars: values.optional().describe('Variables of the containers; never part of the image.'),
  } satisfies Record<Snake<keyof DockerOptions>, unknown>)
  .meta({ id: 'docker' });

const amount = (key: 'cpu' | 'memory' | 'diskSize', description: string) =>
  z
    .union([z.string(), z.number()])
    .superRefine((value, context) => {
      for (const problem of resourceProblems({ [key]: value }, ''))
        context.addIssue({ code: 'custom', message: problem.replace(/^\.\w+: /, '') });
    })
    .optional()
    .describe(description);
const resources = z
  .strictObject({
    cpu: amount('cpu', 'Cores, such as "4" or "500m".'),
    memory: amount('memory', 'Such as 512Mi or 8Gi.'),
    gpu: say('Kind of accelerator, such as nvidia-l4.'),
    gpu_count: z.int().min(0).optional().describe('How many; 1 where there is a gpu.'),
    disk_size: amount('diskSize', 'Such as 100Gi.'),
    machine_type: say('Machine of a cloud, such as g2-standard-16.'),
    preemptible: z.boolean().optional().describe('Cheaper machines that the cloud may take away.'),
    autoscaling: z.boolean().optional().describe("The group's workers follow its queue, between min_replicas and replicas."),
  } satisfies Record<Snake<keyof ResourceOptions>, unknown>)
  .meta({ id: 'resources' });

const group = z.strictObject({
  executor: components.executor.describe("What runs the group's steps."),
  resources: z.union([resources, text]).optional().describe('What its steps need: a profile of `resources`, or the amounts.'),
  docker: docker.optional().describe('The image of its steps.'),
  colocate: z.boolean().optional().describe('Small steps that follow each other share a worker.'),
  replicas: count.optional().describe('Workers that the executor starts; with autoscaling, at most.'),
  min_replicas: z
    .custom<number>((value) => value === 0 || isCount(value), said('is not a whole number'))
    .meta({ type: 'integer', minimum: 0 })
    .optional()
    .describe('With autoscaling: workers that are always there.'),
  max_concurrent: count.optional().describe('Steps at once, over all workers.'),
  max_per_second: rate.optional().describe('Steps started in a second, over all workers.'),
});

const NAME = { pattern: '^[A-Za-z0-9_-]{1,64}$' };

/** flowyml.yaml, once its short forms are written out. */
export const fileSchema = z.strictObject({
  project: z.string().meta(NAME).optional().describe("Names the task queues; 'flowyml' unless given."),
  pipelines: z
    .union([z.string(), z.array(z.string())], { error: 'expected a path or pattern, or a list of them' })
    .optional()
    .describe('Modules whose pipelines every worker serves; pipelines/*.ts unless given.'),
  active_stack: z.string().optional().describe("The stack of pipelines and runs that name none; 'local' unless given."),
  stacks: z.record(z.string(), stack).optional().describe('Where pipelines run, by name.'),
  groups: z.record(z.string(), group).optional().describe('Execution groups of steps, by name; they win over what pipelines say.'),
  docker: docker.optional().describe('How images are made where no group says otherwise.'),
  resources: z.record(z.string(), resources).optional().describe('Named profiles; `default` holds for steps that say nothing.'),
  ...components,
});

export const stackSchema = stack;

export type FileData = z.infer<typeof fileSchema>;
export type StackData = z.infer<typeof stack>;
