import type { Node } from '../pipelines/graph.ts';

/** A place in a drawing: which layer, and where across it the middle is. */
export interface Place {
  layer: number;
  at: number;
}

export interface Layers {
  /** How many layers, and how long the longest is. */
  count: number;
  breadth: number;
  places: Map<string, Place>;
  /** Each edge's way: its ends, and a place in each layer that it passes. */
  edges: { from: string; to: string; way: Place[] }[];
}

const SWEEPS = 6;

/**
 * Lays out a DAG in layers: a node stands one layer behind the last that it depends on, next to its neighbours. What is
 * used of this is small, and it lives in the workflows' bundle, which every cached workflow pays for: hence no library.
 * @param nodes in an order in which each stands after all that it depends on
 * @param size how much room a node takes across its layer
 */
export function layOut(nodes: readonly Node[], size: (name: string) => number, gap: number): Layers {
  const layerOf = new Map<string, number>();
  const rows: string[][] = [];
  const put = (id: string, layer: number) => {
    layerOf.set(id, layer);
    rows[layer] ??= [];
    rows[layer].push(id);
  };
  for (const { name, dependsOn } of nodes) put(name, 1 + Math.max(-1, ...dependsOn.map((before) => layerOf.get(before) ?? -1)));

  // An edge that passes layers takes room in each, so that it runs between their nodes and not behind them.
  const edges: { from: string; to: string; ids: string[] }[] = [];
  const next = new Map<string, string[]>();
  const before = new Map<string, string[]>();
  for (const { name, dependsOn } of nodes) {
    for (const from of dependsOn) {
      const start = layerOf.get(from);
      if (start === undefined) continue;
      const ids = [from];
      for (let layer = start + 1; layer < (layerOf.get(name) ?? 0); layer++) {
        ids.push(`${from}>${name}>${layer}`);
        put(ids.at(-1) as string, layer);
      }
      ids.push(name);
      edges.push({ from, to: name, ids });
      for (let i = 1; i < ids.length; i++) {
        const [a, b] = [ids[i - 1] as string, ids[i] as string];
        next.set(a, [...(next.get(a) ?? []), b]);
        before.set(b, [...(before.get(b) ?? []), a]);
      }
    }
  }

  const at = new Map<string, number>();
  const isNode = new Set(nodes.map(({ name }) => name));
  const room = (id: string) => (isNode.has(id) ? size(id) : gap / 2);
  for (const row of rows) pack(row, () => 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const neighbours = down ? before : next;
    const wish = (id: string) => mean((neighbours.get(id) ?? []).map((other) => at.get(other) ?? 0)) ?? at.get(id) ?? 0;
    for (const row of down ? rows : [...rows].reverse()) {
      row.sort((a, b) => wish(a) - wish(b));
      pack(row, wish);
    }
  }
  const ids = [...at.keys()];
  const left = Math.min(...ids.map((id) => (at.get(id) ?? 0) - room(id) / 2));
  const right = Math.max(...ids.map((id) => (at.get(id) ?? 0) + room(id) / 2));
  const place = (id: string): Place => ({ layer: layerOf.get(id) ?? 0, at: (at.get(id) ?? 0) - left });
  return {
    count: rows.length,
    breadth: right - left,
    places: new Map(nodes.map(({ name }) => [name, place(name)])),
    edges: edges.map(({ from, to, ids }) => ({ from, to, way: ids.map(place) })),
  };

  /** Places a row's members in their order, without overlap, as near as that allows to where each wishes to be. */
  function pack(row: string[], wish: (id: string) => number): void {
    const wishes = row.map(wish);
    let end = Number.NEGATIVE_INFINITY;
    const placed = row.map((id, i) => {
      const middle = Math.max(wishes[i] ?? 0, end + gap + room(id) / 2);
      end = middle + room(id) / 2;
      return middle;
    });
    const shift = mean(placed.map((middle, i) => (wishes[i] ?? 0) - middle)) ?? 0;
    for (const [i, id] of row.entries()) at.set(id, (placed[i] ?? 0) + shift);
  }
}

const mean = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : undefined);
