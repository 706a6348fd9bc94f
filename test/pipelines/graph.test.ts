import { describe, expect, it } from 'vitest';
import { dependants, topologicalOrder } from '../../pipelines/graph.ts';

const nodes = (graph: Record<string, string[]>) => Object.entries(graph).map(([name, dependsOn]) => ({ name, dependsOn }));
const order = (graph: Record<string, string[]>) => {
  const sorted = topologicalOrder(nodes(graph));
  return 'cycle' in sorted ? `cycle ${sorted.cycle.join(' ')}` : sorted.order.map((n) => n.name).join(' ');
};

describe('topologicalOrder', () => {
  it.each([
    [{}, ''],
    [{ a: [] }, 'a'],
    [{ c: [], b: [], a: [] }, 'c b a'],
    [{ c: ['b'], b: ['a'], a: [] }, 'a b c'],
    [{ d: ['b', 'c'], c: ['a'], b: ['a'], a: [] }, 'a b c d'],
    [{ a: ['gone'], b: [] }, 'a b'],
    [{ a: ['a'] }, 'cycle a a'],
    [{ a: ['b'], b: ['c'], c: ['a'] }, 'cycle a b c a'],
    [{ way: ['in'], in: ['a'], a: ['b'], b: ['a'] }, 'cycle a b a'],
    [{ fine: [], sink: ['a', 'fine'], a: ['b'], b: ['a'] }, 'cycle a b a'],
  ])('%j: %s', (graph, expected) => {
    expect(order(graph)).toBe(expected);
  });

  it('puts each of many nodes behind all that it depends on', () => {
    // A fixed mess: each node depends on up to three with a smaller number, listed in a shuffled order.
    const count = 2000;
    const mess = Array.from({ length: count }, (_, i) => ({
      name: `n${i}`,
      dependsOn: i ? [...new Set([`n${(i * 7919) % i}`, `n${(i * 104_729) % i}`, `n${i - 1 - (i % 5 ? 0 : i % 3)}`])] : [],
    })).sort((a, b) => ((Number(a.name.slice(1)) * 31) % count) - ((Number(b.name.slice(1)) * 31) % count));
    const sorted = topologicalOrder(mess);
    if ('cycle' in sorted) throw new Error('a cycle');
    const at = new Map(sorted.order.map((n, i) => [n.name, i]));
    expect(at.size).toBe(count);
    for (const [i, n] of sorted.order.entries()) for (const d of n.dependsOn) expect(at.get(d)).toBeLessThan(i);
  });

  it('goes down chains that would overflow a recursion', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => ({ name: `n${i}`, dependsOn: i ? [`n${i - 1}`] : [] })).reverse();
    const sorted = topologicalOrder(chain);
    if ('cycle' in sorted) throw new Error('a cycle');
    expect([sorted.order.length, sorted.order[0]?.name, sorted.order.at(-1)?.name]).toEqual([100_000, 'n0', 'n99999']);
  });
});

describe('dependants', () => {
  it('are the nodes that wait for a node, none for an end', () => {
    expect(Object.fromEntries(dependants(nodes({ d: ['b', 'c'], c: ['a'], b: ['a'], a: [] })))).toEqual({
      a: ['c', 'b'],
      b: ['d'],
      c: ['d'],
      d: [],
    });
  });

  it('leave out what is not in the graph', () => {
    expect([...dependants(nodes({ a: ['gone'] }))]).toEqual([['a', []]]);
  });
});
