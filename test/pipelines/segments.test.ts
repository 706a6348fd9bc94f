import { describe, expect, it } from 'vitest';
import { cutSegments } from '../../pipelines/segments.ts';

/** `'b:g <- a'`: step b of group g, after a. A step without a group shares nothing. */
const cut = (...steps: string[]) =>
  cutSegments(
    steps.map((text) => {
      const [head = '', before = ''] = text.split(' <- ');
      const [name = '', colocated] = head.split(':');
      return { name, colocated, dependsOn: before ? before.split(' ') : [] };
    }),
  ).map((names) => names.join(' '));

describe('segments', () => {
  it.each<[string, string[], string[]]>([
    ['a chain of one group', ['a:g', 'b:g <- a', 'c:g <- b'], ['a b c']],
    ['steps of a group that need nothing of each other', ['a:g', 'b:g'], ['a b']],
    ['a diamond', ['a:g', 'b:g <- a', 'c:g <- a', 'd:g <- b c'], ['a b c d']],
    ['two groups', ['a:g', 'b:h <- a', 'c:g', 'd:h <- c'], ['a c', 'b d']],
    ['nothing where each step is on its own', ['a', 'b <- a', 'c:g <- b'], []],
    ['nothing that a step outside both follows and precedes', ['a:g', 'b <- a', 'c:g <- b'], []],
    ['what is left beside such a step', ['a:g', 'x:g <- a', 'b <- a', 'c:g <- b', 'd:g <- c'], ['a x', 'c d']],
    ['nothing that would make two segments wait for each other', ['a:g', 'b:h', 'c:h <- a', 'd:g <- b'], ['b c']],
  ])('are %s', (_, steps, segments) => {
    expect(cut(...steps)).toEqual(segments);
  });

  it('never wait for each other, whatever the graph', () => {
    // Fixed messes: up to three edges back from each step, three groups and none.
    for (let seed = 1; seed <= 200; seed++) {
      const random = lcg(seed);
      const steps = Array.from({ length: 24 }, (_, i) => ({
        name: `s${i}`,
        colocated: ['g', 'h', 'k', undefined][random(4)],
        dependsOn: i ? [...new Set(Array.from({ length: random(4) }, () => `s${random(i)}`))] : [],
      }));
      const segments = cutSegments(steps);
      const unitOf = new Map(segments.flatMap((names, i) => names.map((name) => [name, `#${i}`] as const)));
      const unit = (name: string) => unitOf.get(name) ?? name;
      // Unit after unit, as long as one waits for nothing that is left.
      const waits = new Map<string, Set<string>>();
      for (const { name, dependsOn } of steps) {
        const before = waits.get(unit(name)) ?? new Set();
        for (const d of dependsOn) if (unit(d) !== unit(name)) before.add(unit(d));
        waits.set(unit(name), before);
      }
      while (waits.size) {
        const free = [...waits].filter(([, before]) => [...before].every((each) => !waits.has(each)));
        if (!free.length) throw new Error(`seed ${seed}: ${[...waits.keys()].join()} wait for each other`);
        for (const [id] of free) waits.delete(id);
      }
      for (const names of segments) expect(new Set(names.map((name) => steps.find((s) => s.name === name)?.colocated)).size).toBe(1);
    }
  });
});

function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}
