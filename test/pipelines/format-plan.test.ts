import { expect, it } from 'vitest';
import { z } from 'zod';
import { model, table } from '../../pipelines/artifact-types.ts';
import { formatPlan, toMermaid } from '../../pipelines/format-plan.ts';
import { make, planOf } from './steps.ts';

const n = z.number();
const load = make('load_data', { outputs: { raw: table() }, group: 'data_ingest' });
const preprocess = make('preprocess', { inputs: { raw: table() }, outputs: { train: n, test: n }, description: 'Splits by time.' });
const train = make('train_model', {
  inputs: { train: n },
  params: { lr: n, depth: n },
  outputs: { fitted: model() },
  group: 'training_cluster',
  resources: { cpu: '4', memory: '8Gi' },
  retry: { maxAttempts: 3 },
  timeout: '90 s',
});
const evaluate = make('evaluate', { inputs: { fitted: model(), test: n }, resources: { memory: '1Gi' } });
const notify = make('notify', { after: [evaluate] });
const plan = planOf([notify, evaluate, train, preprocess, load], { version: 'v1' });

it('a plan for people is the order of its steps, with what each needs and where it runs', () => {
  expect(formatPlan(plan)).toBe(`Pipeline p, version v1, stack local

Step execution order:
  1. load_data
       group data_ingest · queue shop.local.data_ingest · gives raw: table
  2. preprocess (depends on: load_data)
       Splits by time. · queue shop · gives train: json, test: json
  3. train_model (depends on: preprocess)
       group training_cluster · queue shop.local.training_cluster · gives fitted: model<file> · params lr, depth · cpu 4, memory 8Gi (only memory is enforced on local workers) · up to 3 attempts · timeout 90 s
  4. evaluate (depends on: train_model, preprocess)
       queue shop · memory 1Gi
  5. notify (depends on: evaluate)
       queue shop`);
});

it('a plan says the limits of groups, and its priority', () => {
  const groups = { gpu: { maxConcurrent: 1, maxPerSecond: 0.5 }, cpu: { maxConcurrent: 4 } };
  const limited = planOf([make('a', { group: 'gpu' }), make('b', { group: 'cpu' }), make('c', { group: 'any' })], { groups, priority: 2 });
  expect(formatPlan(limited)).toBe(`Pipeline p, stack local, priority 2

Step execution order:
  1. a
       group gpu (at most 1 at once, at most 0.5 a second) · queue shop.local.gpu
  2. b
       group cpu (at most 4 at once) · queue shop.local.cpu
  3. c
       group any · queue shop.local.any`);
});

it('a plan of steps that need nothing is a plain list', () => {
  expect(formatPlan(planOf([make('a'), make('b', { after: ['a'] })]))).toBe(`Pipeline p, stack local

Step execution order:
  1. a
  2. b (depends on: a)`);
});

it('the graph has a box for each step, a frame for each group, and the outputs on its arrows', () => {
  expect(toMermaid(plan)).toBe(`flowchart TD
  subgraph g0["data_ingest"]
    s0["load_data"]
  end
  s1["preprocess"]
  s3["evaluate"]
  s4["notify"]
  subgraph g2["training_cluster"]
    s2["train_model"]
  end
  s0 -->|raw| s1
  s1 -->|train| s2
  s2 -->|fitted| s3
  s1 -->|test| s3
  s3 -.-> s4`);
});

it('two outputs of one step share an arrow', () => {
  const sink = make('sink', { inputs: { train: n, test: n } });
  expect(toMermaid(planOf([sink, preprocess, load]))).toContain('s1 -->|train, test| s2\n'.trim());
});

// Words of Mermaid's own language, and names that would be one after a substitution: checked with mermaid 11's parser.
it('names that Mermaid would take for its own, or for one another, are only ever quoted or labels', () => {
  const names = ['end', 'graph', 'subgraph', 'style', 'click', 'class', 'o', 'x', '--', 'a-b', 'a_b', 's0', 'g0'];
  const steps = names.map((name, i) => make(name, { group: names[(i + 1) % names.length], after: i ? [names[i - 1]] : [] }));
  const lines = toMermaid(planOf(steps)).split('\n');
  const frames = lines.flatMap((line) => /^ {2}subgraph (g\d+)\["([\w-]+)"\]$/.exec(line)?.slice(1, 3).join(' ') ?? []);
  const boxes = lines.flatMap((line) => /^ {2,4}(s\d+)\["([\w-]+)"\]$/.exec(line)?.slice(1, 3).join(' ') ?? []);
  const arrows = lines.filter((line) => /^ {2}s\d+ -\.-> s\d+$/.test(line));
  expect(new Set(frames.map((frame) => frame.split(' ')[0])).size).toBe(names.length);
  expect(frames.map((frame) => frame.split(' ')[1]).sort()).toEqual([...names].sort());
  expect(boxes.map((box) => box.split(' ')[1]).sort()).toEqual([...names].sort());
  expect(arrows).toHaveLength(names.length - 1);
  expect(lines).toHaveLength(1 + frames.length * 2 + boxes.length + arrows.length);
});
