/** A node of the DAG: only what order depends on. */
export interface Node {
  name: string;
  dependsOn: readonly string[];
}

/**
 * The nodes in an order in which each stands after all that it depends on; among equals the given order is kept.
 * A cycle comes back as the path that closes it, first name repeated at the end.
 */
export function topologicalOrder<N extends Node>(nodes: readonly N[]): { order: N[] } | { cycle: string[] } {
  const byName = new Map(nodes.map((n) => [n.name, n]));
  const order: N[] = [];
  const state = new Map<string, 'open' | 'done'>();
  // An explicit stack: chains of thousands of steps would overflow a recursion.
  for (const root of nodes) {
    const path: { node: N; next: number }[] = [{ node: root, next: 0 }];
    if (state.has(root.name)) continue;
    state.set(root.name, 'open');
    while (path.length) {
      const top = path[path.length - 1] as { node: N; next: number };
      const dependency = top.node.dependsOn[top.next++];
      if (dependency === undefined) {
        state.set(top.node.name, 'done');
        order.push(top.node);
        path.pop();
        continue;
      }
      const node = byName.get(dependency);
      if (!node || state.get(dependency) === 'done') continue;
      if (state.get(dependency) === 'open') {
        const names = path.map((p) => p.node.name);
        return { cycle: [...names.slice(names.indexOf(dependency)), dependency] };
      }
      state.set(dependency, 'open');
      path.push({ node, next: 0 });
    }
  }
  return { order };
}

/** For each name, the names of the nodes that depend on it. */
export function dependants(nodes: readonly Node[]): Map<string, string[]> {
  const result = new Map<string, string[]>(nodes.map((n) => [n.name, []]));
  for (const n of nodes) for (const d of n.dependsOn) result.get(d)?.push(n.name);
  return result;
}
