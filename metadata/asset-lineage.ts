import { and, arrayContains, eq, inArray, or } from 'drizzle-orm';
import { assetId, parseAssetName } from '../pipelines/asset-input.ts';
import { isAssetInput, type Plan } from '../pipelines/plan.ts';
import { assetOf, assetUses, findAsset } from './assets.ts';
import type { Database } from './database.ts';
import type { RunKey } from './keys.ts';
import { WHOLE } from './keys.ts';
import { assets, plans, runs, steps } from './schema.ts';

/** An asset that came of others, or went into them. */
export interface LineageNode {
  /** `name@version`, with `#revision` for those behind its first. */
  asset: string;
  kind: string;
  sha256: string;
  createdAt: string;
  run: string;
}

/** `to` was made from `from`: by a step, whose run took the one and gave the other, or because the step said so. */
export interface LineageEdge {
  from: string;
  to: string;
  pipeline?: string;
  step?: string;
  /** The newest of the runs that did so. */
  run?: string;
}

/** A step that took an asset and of which no other asset came. */
export interface LineageUse {
  asset: string;
  pipeline: string;
  step: string;
  run: string;
}

/** Where an asset comes from, and what came of it, across runs and pipelines. */
export interface Lineage {
  asset: string;
  nodes: LineageNode[];
  edges: LineageEdge[];
  uses: LineageUse[];
  /** There was more than is told. */
  truncated: boolean;
}

// A dataset may have gone into thousands of runs: the newest say what there is to know.
const RUNS_PER_ASSET = 200;
const MOST_NODES = 500;

/** The lineage of an asset, both ways: the chains that led to it, and those that go on from it. */
export async function assetLineage(db: Database, asset: string): Promise<Lineage> {
  const walk = new Walk(db);
  await walk.follow(asset, 'up');
  await walk.follow(asset, 'down');
  return walk.result(asset);
}

/** What one run did with assets: its plan, and which outputs of its steps are assets. */
interface RunFacts extends RunKey {
  pipeline: string;
  plan: Plan;
  /** By step and output. */
  outputs: Map<string, Record<string, string | undefined>>;
}

class Walk {
  private readonly runs = new Map<string, RunFacts>();
  private readonly plans = new Map<string, Plan>();
  private readonly edges = new Map<string, LineageEdge>();
  private readonly uses = new Map<string, LineageUse>();
  private readonly found = new Set<string>();
  private truncated = false;
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  async follow(start: string, way: 'up' | 'down'): Promise<void> {
    const seen = new Set([start]);
    // A list that grows, level by level: chains may be long.
    for (const asset of seen) {
      if (this.found.size >= MOST_NODES) {
        this.truncated = true;
        return;
      }
      this.found.add(asset);
      for (const next of way === 'up' ? await this.up(asset) : await this.down(asset)) seen.add(next);
    }
  }

  async result(asset: string): Promise<Lineage> {
    const ids = new Set([asset, ...[...this.edges.values()].flatMap(({ from, to }) => [from, to])]);
    const rows = await Promise.all([...ids].map((id) => findAsset(this.db, { revision: 1, ...parseAssetName(id) })));
    const nodes = rows.flatMap((row) =>
      row ? [{ asset: assetId(row), kind: row.kind, sha256: row.sha256, createdAt: row.createdAt.toISOString(), run: row.runId }] : [],
    );
    return { asset, nodes, edges: [...this.edges.values()], uses: [...this.uses.values()], truncated: this.truncated };
  }

  /** The assets that one was made from. */
  private async up(asset: string): Promise<string[]> {
    const made = await this.usesOf(asset, 'out');
    const parents = made.flatMap(({ run, step }) =>
      this.takenBy(run, step).map((from) => this.link({ from, to: asset, pipeline: run.pipeline, step, run: run.runId }).from),
    );
    const row = await findAsset(this.db, { revision: 1, ...parseAssetName(asset) });
    return [...parents, ...(row?.parents ?? []).map((from) => this.link({ from, to: asset }).from)];
  }

  /** The assets that were made from one. */
  private async down(asset: string): Promise<string[]> {
    const children: string[] = [];
    for (const { run, step } of await this.usesOf(asset, 'in')) {
      const made = this.madeAfter(run, step);
      if (!made.length) this.use({ asset, pipeline: run.pipeline, step, run: run.runId });
      for (const { to, by } of made) children.push(this.link({ from: asset, to, pipeline: run.pipeline, step: by, run: run.runId }).to);
    }
    const named = await this.db.orm
      .select()
      .from(assets)
      .where(arrayContains(assets.parents, [asset]))
      .limit(RUNS_PER_ASSET);
    return [...children, ...named.map((row) => this.link({ from: asset, to: assetId(row) }).to)];
  }

  private async usesOf(asset: string, direction: 'in' | 'out'): Promise<{ run: RunFacts; step: string }[]> {
    const links = await assetUses(this.db, asset, direction, RUNS_PER_ASSET);
    if (links.length === RUNS_PER_ASSET) this.truncated = true;
    await this.read(links);
    return links.flatMap((link) => {
      const run = this.runs.get(keyOf(link));
      return run ? [{ run, step: link.step }] : [];
    });
  }

  /** The nearest assets before a step, through whatever plain values lie between. */
  private takenBy(run: RunFacts, step: string): string[] {
    const found: string[] = [];
    const todo = new Set([step]);
    for (const name of todo) {
      for (const input of Object.values(run.plan.steps.find((each) => each.name === name)?.inputs ?? {})) {
        const asset = isAssetInput(input) ? input.ref && assetOf(input.ref) : run.outputs.get(input.step)?.[input.output];
        if (asset !== undefined) found.push(asset);
        else if (!isAssetInput(input)) todo.add(input.step);
      }
    }
    return [...new Set(found)];
  }

  /** The nearest assets behind a step, and which step made each. */
  private madeAfter(run: RunFacts, step: string): { to: string; by: string }[] {
    const found = new Map<string, string>();
    const todo = new Set([step]);
    for (const name of todo) {
      const outputs = run.outputs.get(name) ?? {};
      for (const asset of Object.values(outputs)) if (asset !== undefined) found.set(asset, name);
      for (const other of run.plan.steps) {
        const takes = Object.values(other.inputs).some(
          (input) => !isAssetInput(input) && input.step === name && outputs[input.output] === undefined,
        );
        if (takes) todo.add(other.name);
      }
    }
    return [...found].map(([to, by]) => ({ to, by }));
  }

  /** Reads the runs that are not known yet. */
  private async read(keys: readonly RunKey[]): Promise<void> {
    const missing = [...new Map(keys.map((key) => [keyOf(key), key])).values()].filter((key) => !this.runs.has(keyOf(key)));
    if (!missing.length) return;
    const { orm } = this.db;
    const rows = await orm
      .select({ runId: runs.runId, executionId: runs.executionId, pipeline: runs.pipeline, planHash: runs.planHash })
      .from(runs)
      .where(or(...missing.map((key) => and(eq(runs.runId, key.runId), eq(runs.executionId, key.executionId)))));
    const hashes = [...new Set(rows.map((row) => row.planHash))].filter((hash) => !this.plans.has(hash));
    if (hashes.length)
      for (const row of await orm.select().from(plans).where(inArray(plans.hash, hashes))) this.plans.set(row.hash, row.plan);
    for (const { planHash, ...row } of rows) {
      const plan = this.plans.get(planHash);
      if (plan) this.runs.set(keyOf(row), { ...row, plan, outputs: new Map() });
    }
    const ends = await orm
      .select({ runId: steps.runId, executionId: steps.executionId, step: steps.step, outputs: steps.outputs })
      .from(steps)
      .where(
        and(
          inArray(
            steps.runId,
            missing.map((key) => key.runId),
          ),
          eq(steps.index, WHOLE),
        ),
      );
    for (const end of ends) {
      const named = Object.entries(end.outputs).map(([name, ref]) => [name, assetOf(ref)]);
      this.runs.get(keyOf(end))?.outputs.set(end.step, Object.fromEntries(named));
    }
  }

  private link(edge: LineageEdge): LineageEdge {
    // What a step says of its parents adds nothing where its run shows the same.
    const said = `${edge.from}\n${edge.to}`;
    const key = edge.step === undefined ? said : `${said}\n${edge.pipeline}\n${edge.step}`;
    const known = [...this.edges.keys()].some((other) => other === key || (edge.step === undefined && other.startsWith(`${said}\n`)));
    if (!known) this.edges.set(key, edge);
    if (edge.step !== undefined) this.edges.delete(said);
    return edge;
  }

  private use(use: LineageUse): void {
    const key = `${use.asset}\n${use.pipeline}\n${use.step}`;
    if (!this.uses.has(key)) this.uses.set(key, use);
  }
}

const keyOf = ({ runId, executionId }: RunKey) => `${runId}\n${executionId}`;
