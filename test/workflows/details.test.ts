import { describe, expect, it } from 'vitest';
import { details } from '../../workflows/details.ts';
import { RunState } from '../../workflows/state.ts';
import { bad, ok, planned } from './planned.ts';

const preview = (text: string) => ({ sha256: 'a'.repeat(64), type: 'table', size: 1, preview: text });
/** As a reader sees it: without colours, drawing, and blanks that do not fold. */
const drawn = (state: RunState, status: 'running' | 'failed' | 'paused' = 'running') =>
  details({ runId: 'my-run', version: 'v1', status, state })
    .replaceAll('\u00a0', ' ')
    .replace(/<svg.*<\/svg>/, 'SVG')
    .replace(/<\/?font[^>]*>/g, '')
    .replace(/ +/g, ' ');
const svg = (state: RunState) => /<svg.*<\/svg>/.exec(details({ runId: 'r', version: 'v1', status: 'running', state }))?.[0] ?? '';

describe('the details', () => {
  it('are the DAG, a table of the steps and a list of what they made', () => {
    const state = new RunState(planned(['load_data', 'train', 'train -> last']));
    state.next();
    state.end('load_data', { ...ok({ rows: preview('3 rows'), raw: { sha256: 'b', type: 'file', size: 1 } }), durationMs: 1234 });
    state.next();
    expect(drawn(state)).toBe(`**running** · 1 of 3 steps have ended, 1 running · version \`v1\`

SVG

| step | status | attempts | time |
|---|---|--:|--:|
| load\\_data | ✓ succeeded | 1 | 1.23 s |
| train | ▶ running | | |
| last | ○ pending | | |

- **load\\_data** → rows: \`3 rows\`
- **load\\_data** → raw: \`file\``);
  });

  it('begin with the failure, and say how to see its log and to go on', () => {
    const state = new RunState(planned(['train', 'train -> last']));
    state.end('train', { ...bad, attempts: 3, durationMs: 165_432 });
    expect(drawn(state, 'failed')).toBe(`**failed** · 2 of 2 steps have ended, 0 running · version \`v1\`

**Step \`train\` failed:** \`TypeError: no such column\`

\`\`\`
flowyml runs logs my-run train
flowyml runs retry my-run
\`\`\`

SVG

| step | status | attempts | time |
|---|---|--:|--:|
| train | ✗ failed | 3 | 3 min |
| last | – skipped | | |

- **train** failed: \`TypeError: no such column\`
- **last** \`needs 'train', which failed\``);
  });

  it('say who is waited for, until when, and the command that decides', () => {
    const state = new RunState(planned([{ name: 'review', approval: { message: 'Promote it?', onTimeout: 'fail' } }]));
    state.next();
    state.running.clear();
    state.waiting.set('review', { message: 'Promote it?', since: '2026-01-01T00:00:00.000Z', until: '2026-01-08T00:00:00.000Z' });
    const text = details({ runId: "ann's run", version: 'v1', status: 'waiting', state });
    expect(text).toContain('**Step `review` waits for a person**: `Promote it?` (until 2026-01-08 00:00 UTC)');
    expect(text).toContain("flowyml runs approve 'ann'\\''s run' review\n");
    expect(text).toContain('`{"step":"review","by":"your name"}`');
    expect(drawn(state)).toContain('| review | ? waiting | | |');
    expect(drawn(state, 'paused')).toContain('flowyml runs resume my-run\n');
  });

  it('name the groups where there are any, and link the run that made a result', () => {
    const state = new RunState(planned([{ name: 'a', group: 'gpu_pool' }]));
    state.end('a', { ...ok(), status: 'cached', reusedFrom: 'run 1/x' });
    expect(drawn(state)).toContain('| a | ↺ cached | 1 | 0.01 s | gpu\\_pool |');
    expect(drawn(state)).toContain('was made by run [`run 1/x`](namespaces/{namespace}/workflows/run%201%2Fx)');
    expect(svg(state)).toContain('cached · gpu_pool');
  });

  it('leave no text of a user to Markdown: code spans of one line, without backticks', () => {
    const state = new RunState(planned(['a']));
    const hostile = 'x | y\r\n| z `q` <img src=x>\n\n# h';
    state.end('a', { ...bad, error: { type: 'Error', message: hostile }, outputs: { o: preview(hostile) } });
    const text = details({ runId: 'r', version: 'v1', status: 'failed', state });
    expect(text.split('\n').filter((line) => /^[|#]/.test(line))).toHaveLength(3);
    for (const line of text.split('\n')) {
      const spans = line.match(/`[^`]*`/g) ?? [];
      if (line.includes('<img')) expect(spans.filter((span) => span.includes("x | y | z 'q' <img src=x> # h"))).toHaveLength(1);
      expect(line.replace(/`[^`]*`/g, '')).not.toContain('<img');
    }
  });

  it('cut long texts', () => {
    const state = new RunState(planned(['a']));
    state.end('a', { ...bad, error: { type: 'Error', message: 'x'.repeat(10_000) }, outputs: { o: preview('y'.repeat(10_000)) } });
    expect(drawn(state).length).toBeLessThan(1200);
  });

  it('of many steps show 60, those that failed first, then those that run; and no DAG', () => {
    const names = Array.from({ length: 500 }, (_, i) => `s${i}`);
    const state = new RunState(planned(names));
    for (let i = 0; i < 500; i++) state.next();
    for (const name of names.slice(0, 400)) state.end(name, ok());
    state.end('s450', bad);
    const rows = drawn(state)
      .split('\n')
      .flatMap((line) => /^\| (s\d+) \| . (\w+)/.exec(line)?.slice(1, 3).join(' ') ?? []);
    expect(rows).toHaveLength(60);
    expect(rows.slice(0, 3)).toEqual(['s450 failed', 's400 running', 's401 running']);
    expect(drawn(state)).toContain('401 of 500 steps have ended, 99 running');
    expect(drawn(state)).toContain('\nand 440 more steps\n');
    expect(svg(state)).toBe('');
  });
});

describe('the DAG', () => {
  const texts = (drawing: string) => [...drawing.matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words);
  /** x, y, width of each step's box, by its place among the steps' titles. */
  const boxes = (drawing: string) =>
    Object.fromEntries(
      [...drawing.matchAll(/<title>([^:]*):[^<]*<\/title><rect x="(-?\d+)" y="(-?\d+)" width="(\d+)"/g)].map(
        ([, name = '', ...numbers]) => [name, numbers.map(Number) as [number, number, number]],
      ),
    );

  it('has a box for each step and an arrow for each dependency, attributes only', () => {
    const state = new RunState(planned(['a', 'a -> b', 'a -> c', 'b c -> d']));
    const drawing = svg(state);
    expect(texts(drawing)).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`○ ${name}`, 'pending']));
    expect(drawing.match(/marker-end/g)).toHaveLength(4);
    expect(drawing).not.toMatch(/style|class|script|href|\n/);
    const { a, b, c, d } = boxes(drawing);
    expect([a?.[1], b?.[1], d?.[1]]).toEqual([2, 64, 126]);
    expect(c?.[1]).toBe(b?.[1]);
  });

  it('puts no box over another, whatever the graph; and the same graph always in the same place', () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % n;
    };
    for (let graph = 0; graph < 60; graph++) {
      const steps = Array.from({ length: 2 + random(38) }, (_, i) => {
        const before = [...new Set(Array.from({ length: random(4) }, () => random(Math.max(1, i))))].filter((at) => at < i);
        return `${before.map((at) => `s${at}`).join(' ')} -> s${i}`.replace(/^ -> /, '');
      });
      const drawing = svg(new RunState(planned(steps)));
      const placed = Object.values(boxes(drawing));
      expect(placed).toHaveLength(steps.length);
      for (const [i, [x, y, width]] of placed.entries()) {
        const over = placed.slice(i + 1).filter(([x2, y2, w2]) => x < x2 + w2 && x2 < x + width && Math.abs(y - y2) < 36);
        expect(over).toEqual([]);
      }
      const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(drawing)?.map(Number) ?? [];
      for (const [x, y, w] of placed) expect(x >= 0 && y >= 0 && x + w <= width && y + 36 <= height).toBe(true);
      expect(svg(new RunState(planned(steps)))).toBe(drawing);
    }
  });

  it('of many steps side by side goes from left to right', () => {
    const parts = Array.from({ length: 12 }, (_, i) => `a -> part${i}`);
    const { a, part0, part11 } = boxes(svg(new RunState(planned(['a', ...parts]))));
    expect(part0?.[0]).toBe(part11?.[0]);
    expect(part0?.[0]).toBeGreaterThan((a?.[0] ?? 0) + (a?.[2] ?? 0));
  });
});
