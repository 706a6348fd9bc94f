import { isAbsolute, join } from 'node:path';
import { type CacheKey, cacheKey, cachePolicy, effectiveParams } from '../../activities/cache-key.ts';
import { isStored } from '../../artifacts/blobs.ts';
import { shorten } from '../../artifacts/describe.ts';
import type { ArtifactStore } from '../../artifacts/store.ts';
import { duration } from '../../client/summary.ts';
import {
  type Computed,
  codeParts,
  computedBefore,
  entriesBefore,
  entryOf,
  findEntry,
  inputsIn,
  stepRows,
} from '../../metadata/cache-admin.ts';
import { type CacheRow, type CodePart, type Database, findPlan, type KeyParts, type RunRow, stepEnd } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import { hint } from '../../pipelines/names.ts';
import type { AnyPipeline } from '../../pipelines/pipeline.ts';
import { isAssetInput, type PlanStep } from '../../pipelines/plan.ts';
import { type ArtifactRef, isOpen, type StepResult } from '../../pipelines/run-result.ts';
import { loadAll } from '../modules.ts';
import { ago, shortHash } from './cache-format.ts';

const ENTRIES_LOOKED_AT = 50;
const RUNS_LOOKED_AT = 25;

/** A part of a key that is not what it was. */
export interface Difference {
  part: 'code' | 'input' | 'param' | 'version';
  /** Of the input or param. */
  name?: string;
  before: JsonValue;
  now: JsonValue;
  /** What gives the input. */
  from?: string;
  /** More of it, a line each. */
  details?: string[];
}

/** Where a result came from. */
export interface Maker {
  runId: string;
  pipeline: string;
  /** ISO 8601, UTC. */
  at: string;
  durationMs: number;
}

/** Why a step hit or missed. */
export interface Explanation {
  runId: string;
  step: string;
  status: StepResult['status'];
  outcome: 'hit' | 'miss' | 'not asked' | 'not ended';
  /** In one sentence. */
  reason: string;
  key?: string;
  parts?: KeyParts;
  /** Who made the result that was given, or would have been. */
  madeBy?: Maker;
  /** The nearest earlier result, and how its key differs. */
  comparedWith?: Maker & { key: string };
  differences?: Difference[];
  notes?: string[];
}

export interface Explained {
  db: Database;
  store: ArtifactStore;
  /** The project's folder. */
  root: string;
  run: RunRow;
  step: string;
}

/**
 * Why a step of a run hit or missed: its key is made again from the run's plan, params and inputs, and compared with what
 * earlier runs left.
 * @throws UsageError, with the nearest name, if the run has no such step
 */
export async function explain(asked: Explained): Promise<Explanation> {
  const { db, run } = asked;
  const [plan, ends] = await Promise.all([findPlan(db, run.planHash), stepRows(db, run)]);
  const step = plan?.steps.find(({ name }) => name === asked.step);
  if (!step)
    throw new UsageError(`run '${run.runId}' has no step '${asked.step}'${hint(asked.step, plan?.steps.map(({ name }) => name) ?? [])}`);
  const row = ends.find((each) => each.step === step.name);
  const head = { runId: run.runId, step: step.name };
  if (!row) {
    const status = isOpen(run.status) ? 'pending' : 'cancelled';
    return { ...head, status, outcome: 'not ended', reason: isOpen(run.status) ? 'it has not ended yet' : 'the run ended before it' };
  }
  const end = stepEnd(row);
  const notAsked = whyNotAsked(step, run, end);
  if (notAsked) return { ...head, status: end.status, outcome: 'not asked', reason: notAsked };

  const notes: string[] = [];
  const pipeline = step.params.length ? await loadPipeline(asked, notes) : undefined;
  const own = await entryOf(db, run, step.name);
  const made = own ?? keyIn(pipeline, step, run, inputsIn(step, ends));
  const facts = { ...head, status: end.status, key: made.key, parts: made.parts };
  const { map } = end;
  if (map && 'cached' in map) notes.push(`${map.cached} of its ${map.items} items were known, and not computed again`);
  const since = new Date(row.endedAt.getTime() - end.durationMs);
  const history = { ...asked, plan: step, pipeline, made, asked: since, ended: row.endedAt, outputs: end.outputs };
  const told = end.status === 'cached' ? await explainHit(history) : await explainMiss(history, run.request);
  return { ...facts, ...told, ...(notes.length ? { notes } : {}) };
}

/** Why the cache was not asked, and nothing kept; undefined if it was. */
function whyNotAsked(step: PlanStep, { request }: RunRow, end: StepResult): string | undefined {
  if (end.reusedFrom) return `its result was taken over from run ${end.reusedFrom}, which this run goes on from`;
  if (end.status === 'skipped') return `it was skipped: ${end.reason ?? 'its condition was not met'}; skipped steps leave no result`;
  if (step.approval) return 'approvals are asked for in every run';
  if (step.hook) return 'hooks run in every run';
  if (step.cache === false) return 'the cache is off for this step (cache: false)';
  if (request.cache === false) return 'the cache was off for this run (--no-cache)';
  if (!step.codeIdentity) return 'the code of this step could not be identified';
  if (end.fallback) return 'the step failed and its fallback stood in for it: results of a fallback are never kept';
  if (end.status === 'failed' || end.status === 'cancelled')
    return `it ${end.status === 'failed' ? 'failed' : 'was cancelled'}: only results of steps that succeed are kept`;
  return undefined;
}

interface History extends Explained {
  plan: PlanStep;
  pipeline: AnyPipeline | undefined;
  made: CacheKey;
  /** When the cache was asked. */
  asked: Date;
  ended: Date;
  outputs: Record<string, ArtifactRef>;
}

/** An earlier result: one that is kept, or was. */
interface Earlier extends CacheKey {
  maker: Maker;
  outputs: Record<string, ArtifactRef>;
  plan?: PlanStep;
  expiredAt?: Date;
  commit?: string;
}

type Told = Pick<Explanation, 'outcome' | 'reason' | 'madeBy' | 'comparedWith' | 'differences'>;

async function explainHit(history: History): Promise<Told> {
  const { db, made, ended } = history;
  const entry = await findEntry(db, made.key);
  const shown = (maker: Maker, more = '') =>
    `run ${maker.runId}${maker.pipeline === history.run.pipeline ? '' : ` of ${maker.pipeline}`} made the same result ${ago(maker.at)}, in ${duration(maker.durationMs)}${more}`;
  if (entry && entry.createdAt <= ended) {
    const maker = makerOf(entry);
    return { outcome: 'hit', reason: shown(maker, `; it has been given ${times(entry.hits)}`), madeBy: maker };
  }
  const earlier = await earlierResults(history);
  // Where the key cannot be made again for certain, the result itself shows whose it is.
  const source = earlier.find(({ key }) => key === made.key) ?? earlier.find((each) => sameOutputs(each.outputs, history.outputs));
  if (!source) return { outcome: 'hit', reason: 'its result came from an earlier run; the entry has been removed since' };
  const now = entry ? `; run ${entry.runId} has made it anew since` : '; the entry has been removed since';
  return { outcome: 'hit', reason: shown(source.maker, now), madeBy: source.maker };
}

async function explainMiss(history: History, request: RunRow['request']): Promise<Told> {
  if (request.cache === 'refresh')
    return { outcome: 'not asked', reason: 'the run was told to reuse nothing (--refresh); its result is kept' };
  if (request.recompute?.includes(history.step))
    return { outcome: 'not asked', reason: `the run was told to run it again (--recompute ${history.step}); its result is kept` };
  const earlier = await earlierResults(history);
  const same = earlier.find(({ key }) => key === history.made.key);
  if (same) return { outcome: 'miss', reason: await whyGone(history, same), madeBy: same.maker };
  const [nearest] = earlier
    .map((each) => ({ each, differences: differencesOf(history, each) }))
    .sort((a, b) => a.differences.length - b.differences.length);
  if (!nearest) return { outcome: 'miss', reason: 'first time: no earlier result of a step of that name is known' };
  const { each, differences } = nearest;
  for (const difference of differences) {
    if (difference.part === 'code') difference.details = await codeDetails(history.db, each.parts.code, history.made.parts.code);
  }
  const reason = differences.length
    ? `no earlier result has the same ${[...new Set(differences.map(({ part }) => PARTS[part]))].join(', ')}`
    : 'keys are made in another way since its last result (another version of flowyml, or of the image)';
  return { outcome: 'miss', reason, comparedWith: { ...each.maker, key: each.key }, differences };
}

const PARTS = { code: 'code', input: 'inputs', param: 'params', version: 'cache version' } as const;

/** What became of a result that was made under the same key. */
async function whyGone({ store, asked, made }: History, same: Earlier): Promise<string> {
  const which = `run ${same.maker.runId} made the same ${ago(same.maker.at)}`;
  if (same.expiredAt && same.expiredAt <= asked)
    return `its result expired: ${which}, and that could be reused until ${same.expiredAt.toISOString()}`;
  const stored = Object.entries(same.outputs).filter(([, ref]) => ref.uri !== undefined);
  for (const [name, ref] of stored) {
    if (!(await isStored(ref, store)))
      return `its artifact was gone: ${which}, and the bytes of output '${name}' (${shortHash(ref.sha256)}) are not in the store`;
  }
  const removed = `the entry ${shortHash(made.key)} had been removed (cache invalidate or clear)`;
  // The run has made the same bytes again: they are there now, whether or not they were then.
  return stored.length ? `${which}, but its artifact was gone or damaged, or ${removed}` : `${which}, but ${removed}`;
}

/** Earlier results of the step: entries that are there, and what runs computed whose entries are not. Newest first. */
async function earlierResults(history: History): Promise<Earlier[]> {
  const { db, run, step, ended } = history;
  const [entries, computed] = await Promise.all([
    entriesBefore(db, step, ended, ENTRIES_LOOKED_AT),
    computedBefore(db, run.pipeline, step, ended, RUNS_LOOKED_AT),
  ]);
  const isOther = (each: { runId: string; executionId: string }) => each.runId !== run.runId || each.executionId !== run.executionId;
  const all = [
    ...computed.filter(({ end }) => isOther(end)).flatMap((each) => earlierRun(history, each) ?? []),
    ...entries.filter(isOther).map(earlierEntry),
  ];
  return all.sort((a, b) => b.maker.at.localeCompare(a.maker.at));
}

const earlierEntry = (entry: CacheRow): Earlier => ({
  key: entry.key,
  parts: entry.parts,
  outputs: entry.outputs,
  maker: makerOf(entry),
  ...(entry.expiresAt ? { expiredAt: entry.expiresAt } : {}),
});

function earlierRun({ pipeline, step }: History, { run, plan, end, sources }: Computed): Earlier | undefined {
  const planned = plan.steps.find(({ name }) => name === step);
  // What it made was not kept.
  if (!planned || planned.approval || planned.hook || !cachePolicy(planned, run.request).write) return undefined;
  const { ttlMs } = planned.cache || {};
  return {
    ...keyIn(pipeline, planned, run, inputsIn(planned, sources)),
    outputs: end.outputs,
    plan: planned,
    maker: { runId: run.runId, pipeline: run.pipeline, at: end.endedAt.toISOString(), durationMs: end.durationMs },
    ...(ttlMs === undefined ? {} : { expiredAt: new Date(end.endedAt.getTime() + ttlMs) }),
  };
}

const makerOf = (entry: CacheRow): Maker => ({
  runId: entry.runId,
  pipeline: entry.pipeline,
  at: entry.createdAt.toISOString(),
  durationMs: entry.durationMs,
});

function keyIn(pipeline: AnyPipeline | undefined, step: PlanStep, run: RunRow, inputs: Record<string, ArtifactRef>): CacheKey {
  const params = pipeline
    ? effectiveParams(pipeline, step, run.params)
    : Object.fromEntries(step.params.map((name) => [name, run.params[name] ?? null]));
  return cacheKey(step, inputs, params);
}

/** The run's pipeline, whose types say what params that were not given come to. */
async function loadPipeline({ root, run }: Explained, notes: string[]): Promise<AnyPipeline | undefined> {
  try {
    const all = await loadAll([isAbsolute(run.module) ? run.module : join(root, run.module)]);
    const found = all.find(({ pipeline }) => pipeline.name === run.pipeline);
    if (found) return found.pipeline;
    notes.push(`pipeline ${run.pipeline} is not in ${run.module} any more: params that were not given count as null here`);
  } catch (error) {
    notes.push(
      `${run.module} cannot be loaded (${(error as Error).message.split('\n')[0]}): params that were not given count as null here`,
    );
  }
  return undefined;
}

function differencesOf({ plan, made }: History, earlier: Earlier): Difference[] {
  const [before, now] = [earlier.parts, made.parts];
  const found: Difference[] = [];
  if (before.code !== now.code) found.push({ part: 'code', before: before.code, now: now.code });
  for (const name of changedKeys(before.inputs, now.inputs)) {
    const source = plan.inputs[name];
    const from = source && (isAssetInput(source) ? `asset ${source.asset}` : `step '${source.step}'`);
    found.push({ part: 'input', name, before: before.inputs[name] ?? null, now: now.inputs[name] ?? null, ...(from ? { from } : {}) });
  }
  for (const name of changedKeys(before.params, now.params))
    found.push({ part: 'param', name, before: before.params[name] ?? null, now: now.params[name] ?? null });
  if (before.version !== now.version) found.push({ part: 'version', before: before.version ?? null, now: now.version ?? null });
  return found;
}

/** What changed in a step's code, a line each; nothing where what an identity was made of is not known any more. */
async function codeDetails(db: Database, before: string, now: string): Promise<string[]> {
  const known = await codeParts(db, [before, now]);
  const [old, made] = [known.get(before), known.get(now)];
  if (!old || !made) return [];
  const nameOf = ({ kind, name }: CodePart) => (kind === 'declaration' ? name : `${kind} ${name}`);
  const [was, is] = [old, made].map((parts) => new Map(parts.map((part) => [nameOf(part), part.hash]))) as [
    Map<string, string>,
    Map<string, string>,
  ];
  const lines = [
    ...[...is].flatMap(([name, hash]) => (!was.has(name) ? [`new: ${name}`] : was.get(name) === hash ? [] : [`changed: ${name}`])),
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `gone: ${name}`),
  ];
  return lines.sort();
}

function changedKeys(before: Record<string, JsonValue>, now: Record<string, JsonValue>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => !isSame(before[name], now[name]));
}

// Keys' parts come from the database, which keeps objects in an order of its own.
const isSame = (a: JsonValue | undefined, b: JsonValue | undefined): boolean => sorted(a) === sorted(b);
const sorted = (value: JsonValue | undefined): string | undefined =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const sameOutputs = (a: Record<string, ArtifactRef>, b: Record<string, ArtifactRef>): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name]?.sha256 === b[name]?.sha256);
};

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/** An explanation as lines for people. */
export function formatExplanation(explained: Explanation): string {
  const { runId, step, status, outcome, reason, key, comparedWith, differences = [], notes = [] } = explained;
  const words = { hit: 'a hit', miss: 'a miss', 'not asked': 'the cache was not asked', 'not ended': 'not known yet' } as const;
  const lines = [`Step '${step}' of run ${runId}: ${status}, ${words[outcome]}`, `  ${reason}`];
  if (comparedWith)
    lines.push(`  against the nearest, of run ${comparedWith.runId} (${comparedWith.pipeline}), made ${ago(comparedWith.at)}:`);
  for (const each of differences) {
    lines.push(`    ${describe(each)}`);
    for (const detail of each.details ?? []) lines.push(`      ${detail}`);
  }
  for (const note of notes) lines.push(`  note: ${note}`);
  if (key) lines.push(`  key ${shortHash(key)}`);
  return lines.join('\n');
}

function describe({ part, name, before, now, from }: Difference): string {
  const hash = (value: JsonValue) => (value === null ? 'none' : shortHash(String(value)));
  const change = (show: (value: JsonValue) => string) => `${show(before)} → ${show(now)}`;
  if (part === 'code') return `code: ${change(hash)}`;
  if (part === 'input') return `input '${name}'${from ? ` (from ${from})` : ''}: ${change(hash)}`;
  const text = (value: JsonValue) => shorten(JSON.stringify(value), 60);
  return part === 'param' ? `param '${name}': ${change(text)}` : `cache version: ${change(text)}`;
}
