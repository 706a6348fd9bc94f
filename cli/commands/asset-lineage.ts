import { joinSession } from '../../client/session.ts';
import { assetLineage, type Lineage, type LineageEdge, requireAsset } from '../../metadata/index.ts';
import { assetId } from '../../pipelines/asset-input.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson } from '../output.ts';

/** `flowyml asset lineage`: what an asset was made from, and what was made from it, across runs and pipelines. */
export async function showLineage(name: string, options: { json?: boolean; mermaid?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const lineage = await assetLineage(session.db, assetId(await requireAsset(session.db, name)));
    if (options.json) printJson(lineage);
    else console.log(options.mermaid ? asMermaid(lineage) : asTrees(lineage));
  } finally {
    await session.close();
  }
}

type Way = 'up' | 'down';

/** Two trees: one down to the first data, one up to what came last. */
function asTrees(lineage: Lineage): string {
  const kinds = new Map(lineage.nodes.map((node) => [node.asset, node.kind]));
  const lines = [`${lineage.asset} (${kinds.get(lineage.asset)})`];
  const shown = new Set<string>();
  const grow = (asset: string, way: Way, indent: string) => {
    const branches = branchesOf(lineage, asset, way);
    for (const [i, { to, label }] of branches.entries()) {
      const isLast = i === branches.length - 1;
      const again = to !== undefined && shown.has(`${way} ${to}`) && branchesOf(lineage, to, way).length > 0;
      const kind = to === undefined ? '' : ` (${kinds.get(to) ?? 'unknown'})`;
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${to ?? ''}${kind}${label}${again ? ' …as above' : ''}`.replace('─  ', '─ '));
      if (to === undefined || again) continue;
      shown.add(`${way} ${to}`);
      grow(to, way, `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  for (const [way, title, none] of [
    ['up', 'made from', 'made from no other asset'],
    ['down', 'went into', 'taken by no step yet'],
  ] as const) {
    lines.push('', branchesOf(lineage, lineage.asset, way).length ? title : none);
    grow(lineage.asset, way, '');
  }
  if (lineage.truncated) lines.push('', 'There is more: only the newest runs were followed.');
  return lines.join('\n');
}

function branchesOf({ edges, uses }: Lineage, asset: string, way: Way): { to?: string; label: string }[] {
  const own = edges.filter((edge) => (way === 'up' ? edge.to : edge.from) === asset);
  const next = new Map<string, LineageEdge[]>();
  for (const edge of own) {
    const to = way === 'up' ? edge.from : edge.to;
    next.set(to, [...(next.get(to) ?? []), edge]);
  }
  const branches = [...next].map(([to, by]) => ({ to, label: `  by ${by.map(byWhom).join(', ')}` }));
  if (way === 'up') return branches;
  const last = uses.filter((use) => use.asset === asset).map((use) => ({ label: `step ${use.step} of ${use.pipeline} (run ${use.run})` }));
  return [...branches, ...last];
}

const byWhom = ({ step, pipeline }: LineageEdge) => (step === undefined ? 'what its step said' : `${step} of ${pipeline}`);

function asMermaid({ asset, nodes, edges, uses }: Lineage): string {
  const id = new Map(nodes.map((node, i) => [node.asset, `a${i}`]));
  const quoted = (text: string) => `"${text.replaceAll('"', '#quot;').replaceAll('@', '#64;')}"`;
  const lines = ['flowchart LR'];
  for (const node of nodes) lines.push(`  ${id.get(node.asset)}[(${quoted(`${node.asset}<br/>${node.kind}`)})]`);
  for (const { from, to, step } of edges) {
    if (id.has(from) && id.has(to)) lines.push(`  ${id.get(from)} ${step === undefined ? '-.->' : `-->|${step}|`} ${id.get(to)}`);
  }
  for (const [i, use] of uses.entries())
    lines.push(`  u${i}[${quoted(`${use.pipeline}: ${use.step}`)}]`, `  ${id.get(use.asset)} --> u${i}`);
  return [...lines, `  style ${id.get(asset)} stroke-width:3px`].join('\n');
}
