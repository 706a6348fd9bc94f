/** A project in which each step reaches other code by other ways; the cases change one thing of it at a time. */
export const BASE: Readonly<Record<string, string>> = {
  'flowyml.yaml': 'project: app\n',
  'package.json': '{ "name": "app", "type": "module" }',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./src/lib/*"] } } }',

  'pipelines/main.ts': `import { approval, pipeline, step, webhook } from 'flowyml';
import { z } from 'zod';
import { count, load } from '../steps/load.ts';
import { made } from '../steps/made.ts';
import { each, lazy, resolved } from '../steps/more.ts';
import { score, train } from '../steps/train.ts';
import { twice } from '../src/twice.ts';

const hidden = step({ name: 'hidden', outputs: { h: z.number() } }, () => twice(21));
const tidy = step({ name: 'tidy' }, () => 'tidied');

export default pipeline('main', {
  steps: [
    load,
    count,
    hidden,
    train,
    score,
    ...made,
    each,
    lazy,
    resolved,
    step({ name: 'inline_one' }, () => twice(1)),
    step({ name: 'inline_two' }, () => 'two'),
    approval({ name: 'ask', message: 'Go on?' }),
  ],
  context: { rate: 0.1 },
  onSuccess: [webhook({ name: 'tell', url: 'https://example.com/a' }), tidy],
  onFailure: tidy,
})
  .add(step({ name: 'added_one' }, () => 'added'))
  .add(step({ name: 'added_two' }, () => twice(2)));
`,

  'steps/load.ts': `import { readFile } from 'node:fs/promises';
import { step, table } from 'flowyml';
import { z } from 'zod';
import settings from '../src/settings.json' with { type: 'json' };
import { normalize } from '../src/text.ts';
import { Level } from '../src/level.ts';
import type { Row } from '../src/rows.ts';

const Limit = z.number().int();

export const load = step(
  {
    name: 'load',
    description: 'Reads rows.',
    params: { limit: Limit.default(10) },
    outputs: { rows: table<Row>() },
    retry: { maxAttempts: 3 },
    timeout: '1 minute',
  },
  async ({ limit }) => {
    const query = await readFile(new URL('../src/query.sql', import.meta.url), 'utf8');
    const rows: Row[] = [{ text: normalize(query) + settings.prefix, level: Level.High }];
    return rows.slice(0, limit);
  },
);

/** Counts. */
function tally(rows: readonly Row[]): number {
  let total = 0;
  for (const row of rows) total += row.level;
  return total;
}

export const count = step({ name: 'count', outputs: { total: z.number() } }, () => tally([]));

export const notUsed = () => 1;
`,

  'steps/train.ts': `import pad from 'pad';
import { step } from 'flowyml';
import { z } from 'zod';
import { Model } from '../src/model.ts';
import * as math from '../src/math.ts';
import { weights } from '../src/index.ts';
import loss from '../src/loss.ts';
import { isEven } from '../src/even.ts';
import { points } from '@lib/score';
import '../src/plugins.ts';

export const train = step(
  { name: 'train', inputs: { rows: z.array(z.number()) }, outputs: { model: z.unknown() }, group: 'gpu' },
  ({ rows }) => {
    const model = new Model(weights, pad);
    return { model, mean: math.mean(rows), loss: loss(rows), even: isEven(rows.length) };
  },
);

export const score = step({ name: 'score' }, () => points('good'));
`,

  'steps/made.ts': `import { step } from 'flowyml';
import { halve } from '../src/math.ts';

const makeStep = (name: string) => step({ name: \`make_\${name}\` }, () => halve(name.length));

export const made = ['a', 'b'].map(makeStep);
for (const name of ['c']) made.push(step({ name: \`loop_\${name}\` }, () => name));
`,

  'steps/more.ts': `import { mapStep, step } from 'flowyml';
import { z } from 'zod';
import { twice } from '../src/twice.ts';

export const each = mapStep(
  { name: 'each', items: 'rows', item: z.number(), outputs: { doubled: z.number() }, batchSize: 10, concurrency: 4 },
  ({ item }) => twice(item),
);

export const lazy = step({ name: 'lazy' }, async () => {
  const { later } = await import('../src/lazy.ts');
  return later(process.env.REGION);
});

export const resolved = step({ name: 'resolved' }, () => new URL('data.csv', import.meta.resolve('other')));
`,

  'src/text.ts': `import { strip } from './chars.ts';

export const normalize = (text: string): string => strip(text.trim());
export const shout = (text: string) => text.toUpperCase();
`,
  'src/chars.ts': `import { MAXIMUM } from './config.ts';
export function strip(text: string) {
  return text.slice(0, MAXIMUM);
}
`,
  'src/config.ts': `export const MAXIMUM = 80;
export const MINIMUM = 8;
`,
  'src/settings.json': '{ "prefix": "> ", "unused": [1, 2] }',
  'src/query.sql': 'select 1',
  'src/level.ts': `export enum Level {
  Low,
  High = 5,
  Top = High << 1,
}
`,
  'src/rows.ts': 'export interface Row {\n  text: string;\n  level: number;\n}\n',
  'src/model.ts': `abstract class Base {
  #bias = 1;
  abstract fit(): number;
  protected get bias(): number {
    return this.#bias;
  }
}

export class Model extends Base {
  static kinds = ['linear'];
  declare shape: string;
  constructor(
    private readonly weights: number[],
    readonly pad: (n: number) => string,
  ) {
    super();
  }
  override fit(): number {
    return this.weights.length * this.bias + Model.kinds.length;
  }
}
`,
  'src/math.ts': `export const mean = (values: number[]) => sum(values) / values.length;
export const halve = (value: number) => value / 2;
export function sum(values: number[]) {
  return values.reduce((a, b) => a + b, 0);
}
`,
  'src/index.ts': "export * from './text.ts';\nexport * from './chain.ts';\n",
  'src/chain.ts': "export { start as weights } from './start.ts';\nexport { start as other } from './start.ts';\n",
  'src/start.ts': 'export const start = [1, 2, 3];\n',
  'src/loss.ts': 'export default function (values: number[]) {\n  return values.length * 0.5;\n}\n',
  'src/even.ts': "import { isOdd } from './odd.ts';\nexport const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);\n",
  'src/odd.ts': "import { isEven } from './even.ts';\nexport const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);\n",
  'src/twice.ts': 'export const twice = (n: number) => n * 2;\n',
  'src/lazy.ts': "import { suffix } from './suffix.ts';\nexport const later = (region: string | undefined) => region + suffix;\n",
  'src/suffix.ts': "export const suffix = '-1';\n",
  'src/lib/score.ts': `import { registry } from '../registry.ts';
export const points = (name: string): number => registry.get(name)?.() ?? 0;
`,
  'src/registry.ts': 'export const registry = new Map<string, () => number>();\nexport const elsewhere = new Map<string, number>();\n',
  'src/plugins.ts': `import { elsewhere, registry } from './registry.ts';
import { best } from './best.ts';
registry.set('good', () => best);
elsewhere.set('good', 1);
`,
  'src/best.ts': 'export const best = 100;\n',

  'node_modules/pad/package.json': '{ "name": "pad", "version": "1.0.0", "main": "index.js", "dependencies": { "dep": "*" } }',
  'node_modules/pad/index.js': 'module.exports = (n) => String(n);\n',
  'node_modules/dep/package.json': '{ "name": "dep", "version": "2.0.0", "main": "index.js" }',
  'node_modules/dep/index.js': 'module.exports = 1;\n',
  'node_modules/other/package.json': '{ "name": "other", "version": "3.0.0", "main": "index.js" }',
  'node_modules/other/index.js': 'exports.extend = () => {};\n',
  'node_modules/unreached/package.json': '{ "name": "unreached", "version": "4.0.0" }',
};

/** All steps and hooks of it. */
export const STEPS = [
  'load',
  'count',
  'hidden',
  'train',
  'score',
  'make_a',
  'make_b',
  'loop_c',
  'each',
  'lazy',
  'resolved',
  'inline_one',
  'inline_two',
  'ask',
  'added_one',
  'added_two',
  'tell',
  'tidy',
  'tidy_failure',
];
