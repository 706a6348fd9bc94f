import { describe, expect, it } from 'vitest';
import { details } from '../../workflows/details.ts';
import { RunState } from '../../workflows/state.ts';
import { bad, ok, planned } from './planned.ts';

const preview = (text: string) => ({ sha256: 'a'.repeat(64), type: 'table', size: 1, preview: text });
/** As a reader sees it: without the blanks that do not fold. */
const drawn = (state: RunState) => details(state).replaceAll('\u00a0', ' ').replace(/ +/g, ' ');

describe('the details', () => {
  it('are a table of the steps and a list of what they made', () => {
    const state = new RunState(planned(['load', 'train', 'train -> last']));
    state.next();
    state.end('load', { ...ok({ rows: preview('3 rows'), raw: { sha256: 'b', type: 'file', size: 1 } }), durationMs: 1234 });
    state.next();
    expect(drawn(state)).toBe(`**1 of 3** steps have ended, 1 running.

| step | status | attempts | time |
|---|---|---|---|
| load | succeeded | 1 | 1.23 s |
| train | running | | |
| last | pending | | |

- load → rows: 3 rows
- load → raw: file`);
  });

  it('begin with the failure', () => {
    const state = new RunState(planned(['train', 'train -> last']));
    state.end('train', { ...bad, attempts: 3, durationMs: 65_432 });
    expect(drawn(state)).toBe(`**2 of 2** steps have ended, 0 running.

Step \`train\` failed: no such column

| step | status | attempts | time |
|---|---|---|---|
| train | failed | 3 | 65 s |
| last | skipped | 0 | 0.00 s |

- last: needs 'train', which failed`);
  });

  it('hold no text that Markdown would take for its own: columns, lines, tags', () => {
    const state = new RunState(planned(['a']));
    state.end('a', { ...bad, error: { type: 'Error', message: 'x | y\r\n| z <img src=x>' }, outputs: { o: preview('<b>|\n</b>') } });
    const lines = details(state).split('\n');
    expect(lines).toHaveLength(9);
    expect(lines.filter((line) => line.startsWith('|'))).toHaveLength(3);
    expect(lines.join()).not.toMatch(/[<>]/);
  });

  it('cut long texts', () => {
    const state = new RunState(planned(['a']));
    state.end('a', { ...bad, error: { type: 'Error', message: 'x'.repeat(10_000) }, outputs: { o: preview('y'.repeat(10_000)) } });
    expect(details(state).length).toBeLessThan(600);
  });

  it('of many steps show 60: those that failed, then those that run', () => {
    const names = Array.from({ length: 500 }, (_, i) => `s${i}`);
    const state = new RunState(planned(names));
    for (let i = 0; i < 500; i++) state.next();
    for (const name of names.slice(0, 400)) state.end(name, ok());
    state.end('s450', bad);
    const rows = drawn(state)
      .split('\n')
      .flatMap((line) => /^\| (s\d+) \| (\w+)/.exec(line)?.slice(1, 3).join(' ') ?? []);
    expect(rows).toHaveLength(60);
    expect(rows.slice(0, 3)).toEqual(['s450 failed', 's400 running', 's401 running']);
    expect(drawn(state)).toContain('**401 of 500** steps have ended, 99 running.');
    expect(drawn(state)).toContain('\nand 440 more steps\n');
  });
});
