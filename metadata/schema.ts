import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  real,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import type { JsonObject, JsonValue } from '../pipelines/json.ts';
import type { Plan } from '../pipelines/plan.ts';
import type { StepOutcome, WaitingApproval } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import type { ArtifactRef, ErrorInfo, RunStatus, StepStatus } from '../pipelines/run-result.ts';

/** Everything lives in a schema of its own, so that flowyml can share a database with others. */
export const flowyml = pgSchema('flowyml');

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** drizzle's own jsonb parses what the driver has parsed: it takes the string '5' for a number. */
const json = customType<{ data: JsonValue }>({ dataType: () => 'jsonb', toDriver: (value) => JSON.stringify(value) });

/** A run is named by its workflow id and the run id of its first execution: an id that is used again is another run. */
const runKey = { runId: text('run_id').notNull(), executionId: text('execution_id').notNull() };
/** `index` tells the batches of a map apart; -1 is the step itself, -2 its fallback. */
const stepKey = { ...runKey, step: text('step').notNull(), index: integer('index').notNull().default(-1) };

export const plans = flowyml.table('plans', {
  hash: text('hash').primaryKey(),
  plan: jsonb('plan').$type<Plan>().notNull(),
});

/** Something that a step's code identity was made of: a declaration of the project, a file, or a package's version. */
export interface CodePart {
  kind: string;
  name: string;
  hash: string;
}

/** What code identities were made of: to tell what changed, never to compare by. */
export const codes = flowyml.table('codes', {
  identity: text('identity').primaryKey(),
  parts: jsonb('parts').$type<CodePart[]>().notNull(),
});

export const runs = flowyml.table(
  'runs',
  {
    ...runKey,
    pipeline: text('pipeline').notNull(),
    version: text('version').notNull(),
    project: text('project').notNull(),
    stack: text('stack').notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    planHash: text('plan_hash').notNull(),
    request: jsonb('request').$type<RunRequest>().notNull(),
    /** The run's params over the pipeline's context, as given, before any schema's default. */
    params: jsonb('params').$type<Record<string, JsonValue>>().notNull(),
    /** Where workers find the pipeline, relative to the project's folder where it is inside. */
    module: text('module').notNull(),
    experiment: text('experiment'),
    tags: text('tags').array().notNull().default(sql`'{}'::text[]`),
    error: jsonb('error').$type<ErrorInfo>(),
    /** Approvals that it waits for, by step. */
    waiting: jsonb('waiting').$type<Record<string, WaitingApproval>>(),
    startedAt: time('started_at').notNull(),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.executionId] }),
    index('runs_by_start').on(t.startedAt.desc()),
    // Asked for every second by each worker.
    index('runs_open').on(t.startedAt).where(sql`${t.status} in ('running', 'waiting', 'paused')`),
    index('runs_by_pipeline').on(t.pipeline, t.startedAt.desc()),
    index('runs_by_experiment').on(t.experiment, t.startedAt.desc()),
  ],
);

/** What a cache key is made of. */
export interface KeyParts {
  code: string;
  /** Hash of each input, by name. */
  inputs: Record<string, string>;
  /** Values of the params that count. */
  params: Record<string, JsonValue>;
  version?: string;
}

export type StepFacts = Pick<StepOutcome, 'fallback' | 'reusedFrom' | 'approval' | 'map' | 'codeChanged'>;

/** How a step ended. Written once: the first row under its key is what happened. */
export const steps = flowyml.table(
  'steps',
  {
    ...stepKey,
    status: text('status').$type<StepStatus>().notNull(),
    reason: text('reason'),
    attempts: integer('attempts').notNull(),
    durationMs: doublePrecision('duration_ms').notNull(),
    outputs: jsonb('outputs').$type<Record<string, ArtifactRef>>().notNull(),
    error: jsonb('error').$type<ErrorInfo>(),
    /** What only some ends have: a fallback, a decision, a map's counts, the run it was taken over from. */
    facts: jsonb('facts').$type<StepFacts>(),
    endedAt: time('ended_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.executionId, t.step, t.index] })],
);

export type AttemptStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** Each start of a step's function. */
export const attempts = flowyml.table(
  'attempts',
  {
    ...stepKey,
    attempt: integer('attempt').notNull(),
    status: text('status').$type<AttemptStatus>().notNull(),
    /** Whether its failure uses up one of the step's attempts. */
    counted: boolean('counted').notNull().default(false),
    worker: text('worker').notNull(),
    error: jsonb('error').$type<ErrorInfo>(),
    progress: real('progress'),
    progressMessage: text('progress_message'),
    startedAt: time('started_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.runId, t.executionId, t.step, t.index, t.attempt] })],
);

/** What the attempts of a step saved last, to go on from. */
export const checkpoints = flowyml.table(
  'checkpoints',
  { ...stepKey, value: jsonb('value').$type<ArtifactRef>().notNull(), savedAt: time('saved_at').notNull().defaultNow() },
  (t) => [primaryKey({ columns: [t.runId, t.executionId, t.step, t.index] })],
);

/** Results that later runs may reuse. */
export const cache = flowyml.table(
  'cache',
  {
    key: text('key').primaryKey(),
    pipeline: text('pipeline').notNull(),
    step: text('step').notNull(),
    /** What the key was made of, to explain a miss. */
    parts: jsonb('parts').$type<KeyParts>().notNull(),
    codeIdentity: text('code_identity').notNull(),
    outputs: jsonb('outputs').$type<Record<string, ArtifactRef>>().notNull(),
    facts: jsonb('facts').$type<StepFacts>(),
    runId: text('run_id').notNull(),
    executionId: text('execution_id').notNull(),
    /** How long it took to make: what a hit saves. */
    durationMs: doublePrecision('duration_ms').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
    hits: integer('hits').notNull().default(0),
    lastHitAt: time('last_hit_at'),
  },
  (t) => [index('cache_by_code').on(t.codeIdentity, t.createdAt.desc()), index('cache_by_step').on(t.step, t.createdAt.desc())],
);

/** Who computes a key just now, so that nobody else does. A row stays, done, when it has been computed. */
export const leases = flowyml.table('leases', {
  key: text('key').primaryKey(),
  holder: text('holder').notNull(),
  done: boolean('done').notNull().default(false),
  until: time('until').notNull(),
});

/** Steps that hold one of their group's slots, or wait for one. */
export const slots = flowyml.table(
  'slots',
  {
    ...stepKey,
    project: text('project').notNull(),
    group: text('group_name').notNull(),
    /** The attempt that holds it; null while it waits. */
    holder: text('holder'),
    /** How many of the group may run at once, as its worker was told. */
    max: integer('max').notNull(),
    priority: integer('priority').notNull(),
    /** When it asked first. */
    since: time('since').notNull(),
    /** Held: when it ends without a renewal. Waiting: when it is going to ask again. */
    until: time('until').notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.executionId, t.step, t.index] }), index('slots_by_group').on(t.project, t.group)],
);

export const artifacts = flowyml.table('artifacts', {
  sha256: text('sha256').primaryKey(),
  size: bigint('size', { mode: 'number' }).notNull(),
  type: text('type').notNull(),
  uri: text('uri'),
  /** The bytes themselves, where they are small JSON. */
  value: json('value'),
  preview: text('preview'),
  asset: jsonb('asset').$type<JsonObject>(),
  createdAt: time('created_at').notNull().defaultNow(),
});

export const lineage = flowyml.table(
  'lineage',
  {
    ...stepKey,
    direction: text('direction').$type<'in' | 'out'>().notNull(),
    name: text('name').notNull(),
    sha256: text('sha256').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.executionId, t.step, t.index, t.direction, t.name] }),
    index('lineage_by_artifact').on(t.sha256),
  ],
);

/** Contents with a name and a version. Nothing is overwritten: other content under a version is its next revision. */
export const assets = flowyml.table(
  'assets',
  {
    /** Counts up: the newest has the highest. */
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    name: text('name').notNull(),
    version: text('version').notNull(),
    revision: integer('revision').notNull(),
    kind: text('kind').notNull(),
    sha256: text('sha256').notNull(),
    /** The version may have this one revision only. */
    immutable: boolean('immutable').notNull(),
    properties: jsonb('properties').$type<JsonObject>().notNull(),
    tags: jsonb('tags').$type<Record<string, string>>().notNull(),
    /** The assets that its step named as those it was made from: `name@version#revision`. */
    parents: text('parents').array().notNull(),
    /** What a step that takes it is given. */
    ref: jsonb('ref').$type<ArtifactRef>().notNull(),
    /** What made it first. */
    ...runKey,
    step: text('step').notNull(),
    output: text('output').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    unique('assets_revision').on(t.name, t.version, t.revision),
    index('assets_by_bytes').on(t.sha256),
    index('assets_by_parent').using('gin', t.parents),
  ],
);

/** Which steps took or gave an asset: of every run, also of those that the cache answered. */
export const assetLinks = flowyml.table(
  'asset_links',
  {
    ...runKey,
    step: text('step').notNull(),
    direction: text('direction').$type<'in' | 'out'>().notNull(),
    /** Of the input or output. */
    name: text('name').notNull(),
    /** `name@version#revision`, without the revision for a version's first. */
    asset: text('asset').notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.executionId, t.step, t.direction, t.name] }),
    index('asset_links_by_asset').on(t.asset, t.direction, t.at.desc()),
  ],
);

/** What was logged to an experiment of a run from outside of it; the run may be one that flowyml knows nothing of. */
export const experimentRuns = flowyml.table(
  'experiment_runs',
  {
    experiment: text('experiment').notNull(),
    runId: text('run_id').notNull(),
    metrics: jsonb('metrics').$type<Record<string, number>>().notNull(),
    params: jsonb('params').$type<Record<string, JsonValue>>().notNull(),
    loggedAt: time('logged_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.experiment, t.runId] })],
);

export type LogStream = 'stdout' | 'stderr' | 'log';

export const logs = flowyml.table(
  'logs',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    ...stepKey,
    attempt: integer('attempt').notNull(),
    at: time('at').notNull(),
    stream: text('stream').$type<LogStream>().notNull(),
    level: text('level').notNull(),
    text: text('text').notNull(),
  },
  (t) => [index('logs_by_run').on(t.runId, t.executionId, t.id)],
);

export const metrics = flowyml.table(
  'metrics',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    ...stepKey,
    attempt: integer('attempt').notNull(),
    name: text('name').notNull(),
    value: doublePrecision('value').notNull(),
    /** The place on a curve; null for a single number. */
    point: doublePrecision('point'),
    at: time('at').notNull(),
  },
  (t) => [index('metrics_by_run').on(t.runId, t.executionId, t.name, t.point)],
);

/** Workers that say they are there: a row whose `beat_at` is older than a few seconds is of a dead one. */
export const workers = flowyml.table('workers', {
  id: text('id').primaryKey(),
  project: text('project').notNull(),
  pid: integer('pid').notNull(),
  host: text('host').notNull(),
  /** Pipelines by name, with the hash of the code that it loaded. */
  pipelines: jsonb('pipelines').$type<Record<string, string>>().notNull(),
  /** Groups that it serves; null = all. */
  groups: text('groups').array(),
  startedAt: time('started_at').notNull().defaultNow(),
  beatAt: time('beat_at').notNull().defaultNow(),
});

/** Images that were built, or found in their registry: what a plan's environments stand for. */
export const images = flowyml.table(
  'images',
  {
    project: text('project').notNull(),
    /** A hash of what says how the image is made. */
    recipe: text('recipe').notNull(),
    image: text('image').notNull(),
    /** With its digest, or its id in the Docker server that has it. */
    reference: text('reference').notNull(),
    /** A hash of what went into it. */
    environment: text('environment').notNull(),
    madeAt: time('made_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.project, t.recipe] })],
);
