import { BASE, STEPS } from './base-project.ts';

/** A change to the base project, and exactly the steps whose identity it changes. */
export interface Case {
  what: string;
  /** By file: its new text, made from the old one; null where it is taken away. */
  change: Record<string, string | null | ((text: string) => string)>;
  differs: readonly string[];
  /** What is changed before, for both sides. */
  given?: Case['change'];
}

/** Replaces a piece of text that must be there. */
export const swap = (from: string | RegExp, to: string) => (text: string) => {
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`nothing to replace: ${from}`);
  return changed;
};
/** Adds text at the end. */
const append = (more: string) => (text: string) => text + more;
/** Adds text at the beginning. */
const prepend = (more: string) => (text: string) => more + text;

export function applied(files: Readonly<Record<string, string>>, change: Case['change']): Record<string, string> {
  const result: Record<string, string> = { ...files };
  for (const [file, edit] of Object.entries(change)) {
    if (edit === null) delete result[file];
    else result[file] = typeof edit === 'string' ? edit : edit(result[file] ?? '');
  }
  return result;
}

const TWICE = ['hidden', 'each', 'inline_one', 'added_two'];
const ALL = STEPS;
const IN_ENTRY = ['hidden', 'inline_one', 'inline_two', 'ask', 'added_one', 'added_two', 'tell', 'tidy', 'tidy_failure'];
const SHAPED = `import { extend } from 'other';
import { step } from 'flowyml';
export const shaped = step({ name: 'shaped', outputs: { x: extend(1) } }, () => 1);
`;

/** What a step does: each must be seen by the steps that reach it, and by no other. */
export const MUST_DIFFER: readonly Case[] = [
  { what: 'the body of a step', change: { 'steps/load.ts': swap('.slice(0, limit)', '.slice(1, limit)') }, differs: ['load'] },
  { what: 'the body of an unexported step', change: { 'pipelines/main.ts': swap('twice(21)', 'twice(22)') }, differs: ['hidden'] },
  { what: 'the body of an inline step', change: { 'pipelines/main.ts': swap("=> 'two'", "=> 'three'") }, differs: ['inline_two'] },
  { what: 'the body of an added step', change: { 'pipelines/main.ts': swap("=> 'added'", "=> 'more'") }, differs: ['added_one'] },
  { what: 'a function in the same file', change: { 'steps/load.ts': swap('total = 0', 'total = 1') }, differs: ['count'] },
  { what: 'a helper', change: { 'src/text.ts': swap('text.trim()', 'text.trimEnd()') }, differs: ['load'] },
  { what: 'a helper two imports away', change: { 'src/chars.ts': swap('slice(0', 'slice(1') }, differs: ['load'] },
  { what: 'an imported constant', change: { 'src/config.ts': swap('80', '81') }, differs: ['load'] },
  { what: 'an operator', change: { 'src/twice.ts': swap('n * 2', 'n + 2') }, differs: TWICE },
  { what: 'a value of an enum', change: { 'src/level.ts': swap('5', '6') }, differs: ['load'] },
  { what: 'the order of an enum', change: { 'src/level.ts': swap('Low,', 'Low,\n  Middle,') }, differs: ['load'] },
  { what: 'a method of a class', change: { 'src/model.ts': swap('* this.bias', '+ this.bias') }, differs: ['train'] },
  { what: 'a base class', change: { 'src/model.ts': swap('#bias = 1', '#bias = 2') }, differs: ['train'] },
  { what: 'a static field', change: { 'src/model.ts': swap("['linear']", "['tree']") }, differs: ['train'] },
  { what: 'what a namespace import uses', change: { 'src/math.ts': swap('/ values.length', '* values.length') }, differs: ['train'] },
  { what: 'what that uses in turn', change: { 'src/math.ts': swap('a + b', 'a - b') }, differs: ['train'] },
  { what: 'the end of a chain of re-exports', change: { 'src/start.ts': swap('3', '4') }, differs: ['train'] },
  { what: 'where a chain of re-exports leads', change: { 'src/index.ts': 'export const weights = [9];\n' }, differs: ['train'] },
  { what: 'a default export', change: { 'src/loss.ts': swap('0.5', '0.6') }, differs: ['train'] },
  { what: 'one of two that import each other', change: { 'src/odd.ts': swap('n - 1', 'n - 3') }, differs: ['train'] },
  { what: 'a value in JSON', change: { 'src/settings.json': swap('> ', '>> ') }, differs: ['load'] },
  { what: 'an asset', change: { 'src/query.sql': 'select 2' }, differs: ['load'] },
  { what: 'a missing asset', change: { 'src/query.sql': null }, differs: ['load'] },
  { what: 'the version of a package', change: { 'node_modules/pad/package.json': swap('1.0.0', '1.0.1') }, differs: ['train'] },
  { what: 'the version of what a package needs', change: { 'node_modules/dep/package.json': swap('2.0.0', '2.1.0') }, differs: ['train'] },
  {
    what: 'the version of a package that is only resolved',
    change: { 'node_modules/other/package.json': swap('3.0.0', '3.1.0') },
    differs: ['resolved'],
  },
  { what: 'what is imported when it is needed', change: { 'src/lazy.ts': swap('region + suffix', 'suffix + region') }, differs: ['lazy'] },
  { what: 'what that imports', change: { 'src/suffix.ts': swap('-1', '-2') }, differs: ['lazy'] },
  { what: 'an alias of tsconfig.json', change: { 'src/lib/score.ts': swap('?? 0', '?? 1') }, differs: ['score'] },
  {
    what: 'where an alias leads',
    change: {
      'tsconfig.json': swap('./src/lib/*', './src/lib2/*'),
      'src/lib2/score.ts': 'export const points = (name: string) => name.length;\n',
    },
    differs: ['score'],
  },
  { what: 'what another module writes into a map', change: { 'src/plugins.ts': swap('() => best', '() => best + 1') }, differs: ['score'] },
  { what: 'what that reaches', change: { 'src/best.ts': swap('100', '101') }, differs: ['score'] },
  { what: 'another entry in that map', change: { 'src/plugins.ts': append("registry.set('bad', () => 0);\n") }, differs: ['score'] },
  { what: 'a factory', change: { 'steps/made.ts': swap('halve(name.length)', 'halve(name.length + 1)') }, differs: ['make_a', 'make_b'] },
  { what: 'what a factory uses', change: { 'src/math.ts': swap('value / 2', 'value / 3') }, differs: ['make_a', 'make_b'] },
  { what: 'a loop', change: { 'steps/made.ts': swap('() => name)', '() => name + name)') }, differs: ['loop_c'] },
  { what: 'the schema of an output', change: { 'steps/load.ts': swap('total: z.number()', 'total: z.string()') }, differs: ['count'] },
  { what: 'the schema of an input', change: { 'steps/train.ts': swap('z.array(z.number())', 'z.array(z.string())') }, differs: ['train'] },
  { what: 'the schema of a param', change: { 'steps/load.ts': swap('Limit.default(10)', 'Limit.default(11)') }, differs: ['load'] },
  { what: 'a schema that a param names', change: { 'steps/load.ts': swap('.int()', '.min(1)') }, differs: ['load'] },
  { what: 'the schema of an item', change: { 'steps/more.ts': swap('item: z.number()', 'item: z.int()') }, differs: ['each'] },
  { what: 'the kind of an output', change: { 'steps/load.ts': swap('table<Row>()', 'z.array(z.unknown())') }, differs: ['load'] },
  { what: 'a default of a parameter', change: { 'src/twice.ts': swap('(n: number)', '(n: number = 3)') }, differs: TWICE },
  { what: 'async', change: { 'src/twice.ts': swap('= (n', '= async (n') }, differs: TWICE },
  {
    what: 'a regular expression',
    given: { 'src/twice.ts': append('export const pattern = /a/;\n'), 'pipelines/main.ts': swap("=> 'two'", '=> pattern') },
    change: { 'src/twice.ts': swap('/a/', '/a/g') },
    differs: [],
  },
  {
    what: 'which of two locals is used',
    given: { 'src/twice.ts': 'export const twice = (n: number) => {\n  const a = n * 2;\n  const b = n * 3;\n  return a - b;\n};\n' },
    change: { 'src/twice.ts': swap('a - b', 'b - a') },
    differs: TWICE,
  },
  {
    what: 'which of two globals is used',
    given: { 'src/twice.ts': swap('n * 2', 'Math.floor(n)') },
    change: { 'src/twice.ts': swap('floor', 'ceil') },
    differs: TWICE,
  },
  {
    what: 'a shadowing local',
    given: { 'src/twice.ts': 'const k = 2;\nexport const twice = (n: number) => {\n  const j = 3;\n  return n * k;\n};\n' },
    change: { 'src/twice.ts': swap('const j', 'const k') },
    differs: TWICE,
  },
  {
    what: 'which names a destructuring takes',
    given: { 'src/twice.ts': 'const { a, b } = { a: 1, b: 2 };\nexport const twice = (n: number) => n * a - b;\n' },
    change: { 'src/twice.ts': swap('n * a - b', 'n * b - a') },
    differs: TWICE,
  },
  {
    what: 'a label',
    given: { 'src/twice.ts': 'export const twice = (n: number) => {\n  out: for (;;) {\n    for (;;) break out;\n  }\n  return n;\n};\n' },
    change: { 'src/twice.ts': swap('break out', 'break') },
    differs: TWICE,
  },
  {
    what: 'an export that two give',
    change: {
      'src/index.ts': prepend("export { other as weights } from './chain2.ts';\n"),
      'src/chain2.ts': 'export const other = [7];\n',
    },
    differs: ['train'],
  },
  {
    what: 'an await',
    given: { 'src/twice.ts': 'export const twice = async (n: Promise<number>) => n;\n' },
    change: { 'src/twice.ts': swap('=> n;', '=> await n;') },
    differs: TWICE,
  },
];

const WRAPPED = {
  'src/gpu.ts': `import { step } from 'flowyml';
import { extend } from 'other';
export const gpuStep = (definition: { name: string }, fn: () => unknown) => step({ ...definition, group: 'gpu' }, fn as never);
export const call = () => extend();
`,
  'pipelines/main.ts': (text: string) =>
    `import { call, gpuStep } from '../src/gpu.ts';\n${swap('  .add(', "  .add(gpuStep({ name: 'wrapped' }, () => call()) as never)\n  .add(")(text)}`,
};
const SCRIPT = {
  'pipelines/main.ts': (
    text: string,
  ) => `${text.replace('export default pipeline', 'const main = pipeline').replace('pipeline, step', 'pipeline, run, step')}
const result = await run(main as never);
if (!result.success) {
  const { extend } = await import('other');
  extend(1);
}
`,
};
const MAIN = {
  'pipelines/main.ts': (
    text: string,
  ) => `${text.replace('export default pipeline', 'const main = pipeline').replace('pipeline, step', 'pipeline, run, step')}
import { extend } from 'other';
async function program() {
  const { outputs } = await run(main as never);
  extend(1, outputs);
}
export default main;
program();
`,
};
const STORE = `import { extend } from 'other';
export class Store {
  items: number[] = [];
  constructor(readonly size: number) {}
  save() {
    return extend(this.size);
  }
}
export const store = new Store(3);
`;

/** Ways to write steps that are not the plainest. */
export const STYLES: readonly Case[] = [
  {
    what: 'the function given to a wrapper of step()',
    given: WRAPPED,
    change: { 'pipelines/main.ts': swap('() => call()', '() => [call()]') },
    differs: ['wrapped'],
  },
  {
    what: 'a wrapper of step()',
    given: WRAPPED,
    change: { 'src/gpu.ts': swap('...definition', '...definition, outputs: {}') },
    differs: ['wrapped'],
  },
  {
    what: 'what only a script does after its run',
    given: SCRIPT,
    change: { 'pipelines/main.ts': swap('extend(1)', 'extend(2)') },
    differs: [],
  },
  {
    what: 'what only a function does after its run',
    given: MAIN,
    change: { 'pipelines/main.ts': swap('extend(1', 'extend(2') },
    differs: [],
  },
  {
    what: 'a method of an object that is made at the top',
    given: {
      'src/twice.ts': (text) => `${text}${STORE}`,
      'pipelines/main.ts': (text) => swap("=> 'two'", '=> store.save()')(swap('{ twice }', '{ store, twice }')(text)),
    },
    change: { 'src/twice.ts': swap('extend(this.size)', 'extend(this.items)') },
    differs: ['inline_two'],
  },
  {
    what: 'the constructor of an object that is made at the top, which calls a package',
    given: {
      'src/twice.ts': (text) =>
        `${text}${STORE.replace('constructor(readonly size: number) {}', 'constructor(readonly size: number) {\n    this.save();\n  }')}`,
    },
    change: { 'src/twice.ts': swap('extend(this.size)', 'extend(this.items)') },
    differs: ['hidden', 'each', 'lazy', 'resolved', ...IN_ENTRY.slice(1)],
  },
  {
    what: 'a step made from flowyml passed on by a file',
    given: { 'src/flow.ts': "export * from 'flowyml';\n", 'steps/more.ts': swap("from 'flowyml'", "from '../src/flow.ts'") },
    change: { 'steps/more.ts': swap('later(process', 'later(1, process') },
    differs: ['lazy'],
  },
  {
    what: 'steps by a namespace import',
    given: {
      'steps/more.ts': (text) =>
        text.replace("{ mapStep, step } from 'flowyml'", "* as f from 'flowyml'").replaceAll(/(?<== )(mapS|s)tep\(/g, 'f.$1tep('),
    },
    change: { 'steps/more.ts': swap('later(process', 'later(1, process') },
    differs: ['lazy'],
  },
  {
    what: 'policies by a namespace import',
    given: {
      'steps/more.ts': (text) =>
        text.replace("{ mapStep, step } from 'flowyml'", "* as f from 'flowyml'").replaceAll(/(?<== )(mapS|s)tep\(/g, 'f.$1tep('),
    },
    change: { 'steps/more.ts': swap('batchSize: 10', 'batchSize: 11') },
    differs: [],
  },
  {
    what: 'a class that makes steps',
    given: {
      'steps/made.ts': swap(
        'const makeStep',
        "class Maker {\n  make(name: string) {\n    return step({ name }, () => [halve(1)]);\n  }\n}\nexport const unused = new Maker().make('unused');\nconst makeStep",
      ),
      'pipelines/main.ts': (text) => swap('    ...made,', '    ...made, unused,')(swap('{ made }', '{ made, unused }')(text)),
    },
    change: { 'steps/made.ts': swap('[halve(1)]', '[halve(2)]') },
    differs: ['unused'],
  },
  {
    what: 'an asynchronous factory',
    given: {
      'steps/made.ts': (text) =>
        `${text}async function later(n: number) {\n  await null;\n  return step({ name: 'late' }, () => n);\n}\nmade.push((await later(1)) as never);\n`,
    },
    change: { 'steps/made.ts': swap('later(1)', 'later(2)') },
    differs: ['late'],
  },
  {
    what: 'a wrapper that changes a copy of a step',
    given: { 'pipelines/main.ts': swap('    hidden,', '    { ...hidden, fn: () => twice(3) },') },
    change: { 'src/best.ts': swap('100', '101') },
    differs: ['score', 'hidden'],
  },
  {
    what: 'a wrapper that gives the same step',
    given: {
      'src/mark.ts':
        'export const mark = <T extends { fn: unknown }>(s: T): T => {\n  Object.assign(s, { fn: () => 1 });\n  return s;\n};\n',
      'pipelines/main.ts': (text) =>
        `import { mark } from '../src/mark.ts';\n${swap("const hidden = step({ name: 'hidden', outputs: { h: z.number() } }, () => twice(21))", "const hidden = mark(step({ name: 'hidden', outputs: { h: z.number() } }, () => twice(21)))")(text)}`,
    },
    change: { 'src/mark.ts': swap('=> 1', '=> 2') },
    differs: ['hidden'],
  },
  {
    what: 'CommonJS',
    given: {
      'src/twice.ts': "import old from './old.cjs';\nexport const twice = (n: number) => old.double(n);\n",
      'src/old.cjs': "const deep = require('./deep.cjs');\nexports.double = (n) => deep(n);\n",
      'src/deep.cjs': 'module.exports = (n) => n * 2;\n',
    },
    change: { 'src/deep.cjs': swap('n * 2', 'n * 3') },
    differs: TWICE,
  },
  {
    what: 'a program named by its place',
    given: {
      'src/twice.ts':
        "export const thread = () => new URL('./thread.ts', import.meta.url);\nexport const twice = (n: number) => [n, thread()];\n",
      'src/thread.ts':
        "import { parentPort } from 'node:worker_threads';\nimport { MINIMUM } from './config.ts';\nparentPort?.postMessage(MINIMUM);\n",
    },
    change: { 'src/config.ts': swap('8;', '9;') },
    differs: TWICE,
  },
  {
    what: 'createRequire',
    given: {
      'src/twice.ts':
        "import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nexport const twice = (n: number) => load('./factor.json').by * n;\n",
      'src/factor.json': '{ "by": 2 }',
    },
    change: { 'src/factor.json': swap('2', '3') },
    differs: TWICE,
  },
  {
    what: 'a namespace that is exported again',
    given: {
      'src/all.ts': "export * as config from './config.ts';\n",
      'src/twice.ts': "import { config } from './all.ts';\nexport const twice = (n: number) => n * config.MINIMUM;\n",
    },
    change: { 'src/config.ts': swap('8;', '9;') },
    differs: TWICE,
  },
  {
    what: 'what of that namespace is not used',
    given: {
      'src/all.ts': "export * as config from './config.ts';\n",
      'src/twice.ts': "import * as all from './all.ts';\nexport const twice = (n: number) => n * all.config.MINIMUM;\n",
    },
    change: { 'src/all.ts': (text) => `${text}export const more = 1;\n` },
    differs: [],
  },
  {
    what: 'a namespace used as a whole',
    given: {
      'src/twice.ts':
        "import * as config from './config.ts';\nexport const twice = (key: string) => (config as Record<string, number>)[key];\n",
    },
    change: { 'src/config.ts': swap('8;', '9;') },
    differs: TWICE,
  },
  {
    what: 'a package among several stars',
    given: {
      'src/twice.ts': "export * from 'other';\nexport * from './double.ts';\n",
      'src/double.ts': 'export const twice = (n: number) => n * 2;\n',
    },
    change: { 'src/double.ts': swap('n * 2', 'n * 3') },
    differs: TWICE,
  },
  {
    what: 'an enum declared in two pieces',
    given: { 'src/level.ts': (text) => `${text}export enum Level {\n  Extra = 9,\n}\n` },
    change: { 'src/level.ts': swap('9', '10') },
    differs: ['load'],
  },
  {
    what: 'a TypeScript namespace',
    given: { 'src/twice.ts': 'namespace Factors {\n  export const two = 2;\n}\nexport const twice = (n: number) => n * Factors.two;\n' },
    change: { 'src/twice.ts': swap('two = 2', 'two = 3') },
    differs: TWICE,
  },
  {
    what: 'a file that the parser refuses, by its text',
    given: {
      'pipelines/main.ts': (text) => `${text}export const never = () => import('../src/broken.ts');\n`,
      'src/broken.ts': 'const = 1;\n',
    },
    change: { 'src/broken.ts': 'const = 2;\n' },
    differs: [],
  },
];

/** What prepares code as its module is loaded. */
export const SETTING_UP: readonly Case[] = [
  {
    what: 'a call into a package, in the entry',
    change: { 'pipelines/main.ts': append("import { extend } from 'other';\nextend();\n") },
    differs: ALL,
  },
  {
    what: 'a call into a package, in a file of one step',
    change: { 'src/plugins.ts': append("import { extend } from 'other';\nextend();\n") },
    differs: ALL,
  },
  { what: 'a global that is written', change: { 'src/start.ts': append('(globalThis as { x?: number }).x = 1;\n') }, differs: ALL },
  {
    what: 'a prototype that is extended',
    change: { 'src/start.ts': append('Object.defineProperty(Array.prototype, "last", { value: 1 });\n') },
    differs: ALL,
  },
  { what: 'a variable of the environment that is set', change: { 'src/start.ts': append("process.env.TZ = 'UTC';\n") }, differs: ALL },
  {
    what: 'a setting of Node that is changed',
    change: { 'src/start.ts': prepend("import { setDefaultResultOrder } from 'node:dns';\nsetDefaultResultOrder('ipv4first');\n") },
    differs: ALL,
  },
  {
    what: 'the version of a package imported for its effects',
    given: { 'src/start.ts': prepend("import 'other';\n") },
    change: { 'node_modules/other/package.json': swap('3.0.0', '3.0.1') },
    differs: ALL,
  },
  {
    what: 'what a function that is called at the top does',
    given: { 'src/start.ts': append('function setUp() {\n  start.push(4);\n}\nsetUp();\n') },
    change: { 'src/start.ts': swap('push(4)', 'push(5)') },
    differs: ['train'],
  },
  {
    what: 'what a function does to what it is given',
    given: {
      'src/start.ts': append("import { put } from './put.ts';\nput(start, 4);\n"),
      'src/put.ts': 'export function put(list: number[], value: number) {\n  list.push(value);\n}\n',
    },
    change: { 'src/put.ts': swap('value);', 'value + 1);') },
    differs: ['train'],
  },
  {
    what: 'the same under a name that the module has too',
    given: {
      'src/start.ts': append("import { put } from './put.ts';\nput(start, 4);\n"),
      'src/put.ts': 'export const list = [0];\nexport function put(list: number[], value: number) {\n  list.push(value);\n}\n',
    },
    change: { 'src/put.ts': swap('value);', 'value + 1);') },
    differs: ['train'],
  },
  {
    what: 'a function that is given another to call',
    given: {
      'src/start.ts': append("import { twiceDo } from './do.ts';\nconst grow = () => start.push(5);\ntwiceDo(grow);\n"),
      'src/do.ts': 'export const twiceDo = (f: () => void) => {\n  f();\n  f();\n};\n',
    },
    change: { 'src/do.ts': swap('f();\n', '') },
    differs: ['train'],
  },
  {
    what: 'a callback of forEach',
    given: { 'src/start.ts': append('[7, 8].forEach((n) => start.push(n));\n') },
    change: { 'src/start.ts': swap('[7, 8]', '[7, 9]') },
    differs: ['train'],
  },
  {
    what: 'a method that changes its object',
    given: {
      'src/start.ts':
        'class Counter {\n  n = 0;\n  up(by: number) {\n    this.n += by;\n  }\n}\nexport const start = new Counter();\nstart.up(1);\n',
    },
    change: { 'src/start.ts': swap('up(1)', 'up(2)') },
    differs: ['train'],
  },
  {
    what: 'a binding that is set by its module',
    given: { 'src/twice.ts': 'let factor = 1;\nfactor = 2;\nexport const twice = (n: number) => n * factor;\n' },
    change: { 'src/twice.ts': swap('factor = 2', 'factor = 3') },
    differs: TWICE,
  },
  {
    what: 'a binding that the entry sets',
    given: {
      'src/twice.ts':
        'let factor = 1;\nexport const setFactor = (n: number) => {\n  factor = n;\n};\nexport const twice = (n: number) => n * factor;\n',
      'pipelines/main.ts': swap(
        "import { twice } from '../src/twice.ts';",
        "import { setFactor, twice } from '../src/twice.ts';\nsetFactor(2);",
      ),
    },
    change: { 'pipelines/main.ts': swap('setFactor(2)', 'setFactor(3)') },
    differs: TWICE,
  },
  {
    what: 'a var in a block',
    given: { 'src/twice.ts': 'if (1 > 0) {\n  var factor = 2;\n}\nexport const twice = (n: number) => n * factor;\n' },
    change: { 'src/twice.ts': swap('factor = 2', 'factor = 3') },
    differs: TWICE,
  },
  {
    what: 'a static block',
    given: { 'src/start.ts': append('export class Setup {\n  static {\n    start.push(6);\n  }\n}\n') },
    change: { 'src/start.ts': swap('push(6)', 'push(7)') },
    differs: ['train'],
  },
  {
    what: 'a call into a package in a declaration of a module that it imports',
    change: { 'src/start.ts': append("import { extend } from 'other';\nexport const extra = extend();\n") },
    differs: [...IN_ENTRY, 'train', 'score'],
  },
  {
    what: 'a schema that a package makes for another step, by that alone',
    given: { 'src/start.ts': append(SHAPED) },
    change: { 'src/start.ts': swap('() => 1', '() => 2') },
    differs: [],
  },
  {
    what: 'how a package makes a schema for another step',
    given: { 'src/start.ts': append(SHAPED) },
    change: { 'src/start.ts': swap('extend(1)', 'extend(2)') },
    differs: [...IN_ENTRY, 'train', 'score'],
  },
  {
    what: 'a property of the step that is set later',
    given: { 'steps/train.ts': append('Object.assign(score, { fn: () => 2 });\n') },
    change: { 'steps/train.ts': swap('fn: () => 2', 'fn: () => 3') },
    differs: ['score'],
  },
];

const bus = (use: string) => `import { EventEmitter } from 'node:events';\nexport const start = new EventEmitter();\n${use}\n`;

/** What prepares a value in ways that are easily overlooked. */
export const ROUNDABOUT: readonly Case[] = [
  {
    what: 'a handler added to an object of Node',
    given: { 'src/start.ts': bus("start.on('x', () => 1);") },
    change: { 'src/start.ts': swap('=> 1', '=> 2') },
    differs: ['train'],
  },
  {
    what: 'a handler added by a subclass of one',
    given: {
      'src/start.ts':
        "import { EventEmitter } from 'node:events';\nclass Bus extends EventEmitter {}\nexport const start = new Bus();\nstart.on('x', () => 1);\n",
    },
    change: { 'src/start.ts': swap('=> 1', '=> 2') },
    differs: ['train'],
  },
  {
    what: 'push by apply',
    given: { 'src/start.ts': append('Array.prototype.push.apply(start, [8]);\n') },
    change: { 'src/start.ts': swap('[8]', '[9]') },
    differs: ['train'],
  },
  {
    what: 'a method called on another object',
    given: { 'src/start.ts': append('const { push } = start;\npush.call(start, 8);\n') },
    change: { 'src/start.ts': swap('start, 8', 'start, 9') },
    differs: ['train'],
  },
  {
    what: 'another name for the same value',
    given: { 'src/start.ts': append('const same = start;\nsame.push(8);\n') },
    change: { 'src/start.ts': swap('push(8)', 'push(9)') },
    differs: ['train'],
  },
  {
    what: 'what an object holds',
    given: { 'src/start.ts': append('const holder = { inside: start };\nholder.inside.push(8);\n') },
    change: { 'src/start.ts': swap('push(8)', 'push(9)') },
    differs: ['train'],
  },
  {
    what: 'what a function gives',
    given: { 'src/start.ts': append('const get = () => start;\nget().push(8);\n') },
    change: { 'src/start.ts': swap('push(8)', 'push(9)') },
    differs: ['train'],
  },
  {
    what: 'a local name in a block',
    given: { 'src/start.ts': append('{\n  const same = start;\n  same.push(8);\n}\n') },
    change: { 'src/start.ts': swap('push(8)', 'push(9)') },
    differs: ['train'],
  },
  {
    what: 'a method of an object that reaches another',
    given: { 'src/start.ts': append('const tools = {\n  grow(n: number) {\n    start.push(n);\n  },\n};\ntools.grow(8);\n') },
    change: { 'src/start.ts': swap('grow(8)', 'grow(9)') },
    differs: ['train'],
  },
  {
    what: 'a constructor',
    given: {
      'src/start.ts': append(
        'class Adder {\n  constructor(n: number) {\n    this.add(n);\n  }\n  add(n: number) {\n    start.push(n);\n  }\n}\nnew Adder(8);\n',
      ),
    },
    change: { 'src/start.ts': swap('Adder(8)', 'Adder(9)') },
    differs: ['train'],
  },
  {
    what: 'a constructor of what a class extends',
    given: {
      'src/start.ts': append(
        'class First {\n  constructor(n: number) {\n    start.push(n);\n  }\n}\nclass Second extends First {}\nnew Second(8);\n',
      ),
    },
    change: { 'src/start.ts': swap('Second(8)', 'Second(9)') },
    differs: ['train'],
  },
  {
    what: 'a decorator',
    given: {
      'src/start.ts': append(
        'const taken = (n: number) => (_: unknown, __: unknown) => {\n  start.push(n);\n};\nexport class Marked {\n  @taken(8) method() {}\n}\n',
      ),
      'tsconfig.json': swap('"paths"', '"experimentalDecorators": true, "paths"'),
    },
    change: { 'src/start.ts': swap('taken(8)', 'taken(9)') },
    differs: ['train'],
  },
  {
    what: 'a tag',
    given: { 'src/start.ts': append('const tag = (parts: TemplateStringsArray) => start.push(parts.length);\ntag`a`;\n') },
    change: { 'src/start.ts': swap('tag`a`', 'tag`b`') },
    differs: ['train'],
  },
  {
    what: 'a function called by one that it is given to',
    given: {
      'src/start.ts': append(
        'const run = (list: (() => void)[]) => list.forEach((each) => each());\nconst grow = () => start.push(8);\nrun([grow]);\n',
      ),
    },
    change: { 'src/start.ts': swap('push(8)', 'push(9)') },
    differs: ['train'],
  },
  {
    what: 'a promise',
    given: { 'src/start.ts': append('await Promise.resolve(8).then((n) => start.push(n));\n') },
    change: { 'src/start.ts': swap('resolve(8)', 'resolve(9)') },
    differs: ['train'],
  },
  {
    what: 'a destructuring assignment',
    given: { 'src/twice.ts': 'let factor = 1;\n[factor] = [2];\nexport const twice = (n: number) => n * factor;\n' },
    change: { 'src/twice.ts': swap('[2]', '[3]') },
    differs: TWICE,
  },
  {
    what: 'a loop over members',
    given: { 'src/twice.ts': 'const at = { factor: 1 };\nfor (at.factor of [2]);\nexport const twice = (n: number) => n * at.factor;\n' },
    change: { 'src/twice.ts': swap('[2]', '[3]') },
    differs: TWICE,
  },
  {
    what: 'CommonJS required for its effects',
    given: {
      'src/start.ts': prepend(
        "import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nload('./set-up.cjs');\n",
      ),
      'src/set-up.cjs': 'globalThis.x = 1;\n',
    },
    change: { 'src/set-up.cjs': 'globalThis.x = 2;\n' },
    differs: ALL,
  },
  {
    what: 'a module imported for its effects when it is needed',
    given: { 'src/start.ts': prepend("await import('./set-up.ts');\n"), 'src/set-up.ts': '(globalThis as { x?: number }).x = 1;\n' },
    change: { 'src/set-up.ts': swap('= 1', '= 2') },
    differs: ALL,
  },
  {
    what: 'JSON that is changed',
    given: { 'steps/load.ts': (text) => `${text}settings.prefix = '#';\n` },
    change: { 'steps/load.ts': swap("'#'", "'##'") },
    differs: ALL,
  },
];

/** What changes nothing that a step does. */
export const MUST_STAY: readonly Case[] = [
  {
    what: 'comments',
    change: { 'steps/load.ts': swap('async ({ limit })', '/* why */ async ({ limit })'), 'src/chars.ts': prepend('// about\n') },
    differs: [],
  },
  { what: 'white space', change: { 'steps/load.ts': swap(/\n {2,}/g, '\n\n\t'), 'src/math.ts': swap(/ /g, '  ') }, differs: [] },
  {
    what: 'quotes, semicolons, parentheses',
    change: { 'steps/train.ts': swap("points('good')", '(points("good"))'), 'src/twice.ts': swap('n * 2;', '(n * 2)') },
    differs: [],
  },
  { what: 'numbers spelled otherwise', change: { 'src/config.ts': swap('80', '8_0.0') }, differs: [] },
  {
    what: 'the name of a local variable',
    change: { 'steps/load.ts': (text) => text.replaceAll('total', 'sum').replace('{ sum: z', '{ total: z') },
    differs: [],
  },
  { what: 'the name of a parameter', change: { 'src/twice.ts': 'export const twice = (value: number) => value * 2;\n' }, differs: [] },
  {
    what: 'the name of a helper, everywhere',
    change: { 'src/text.ts': (text) => text.replaceAll('strip', 'cut'), 'src/chars.ts': swap('strip', 'cut') },
    differs: [],
  },
  {
    what: 'the name of a file',
    change: { 'src/chars.ts': null, 'src/letters.ts': BASE['src/chars.ts'] ?? '', 'src/text.ts': swap('./chars.ts', './letters.ts') },
    differs: [],
  },
  { what: 'braces around one statement', change: { 'steps/load.ts': swap('total += row.level;', '{ total += row.level; }') }, differs: [] },
  {
    what: 'an arrow with a block',
    change: { 'src/twice.ts': 'export const twice = (n: number) => {\n  return n * 2;\n};\n' },
    differs: [],
  },
  {
    what: 'types',
    change: {
      'src/rows.ts': swap('level: number', 'level: 1 | 2'),
      'src/twice.ts': swap('(n: number)', '(n: any): number'),
      'steps/load.ts': swap('table<Row>()', 'table()'),
    },
    differs: [],
  },
  { what: 'casts and satisfies', change: { 'src/twice.ts': swap('n * 2', '((n as number) * 2!) satisfies number') }, differs: [] },
  {
    what: 'an interface in the file',
    change: { 'steps/load.ts': append('interface Extra { a: 1 }\ntype More = Extra;\ndeclare const gone: More;\n') },
    differs: [],
  },
  {
    what: 'another step in the same file',
    change: { 'steps/load.ts': append("export const late = step({ name: 'late' }, () => 1);\n") },
    differs: [],
  },
  {
    what: 'an export that nobody reaches',
    change: {
      'steps/load.ts': swap('notUsed = () => 1', 'notUsed = () => 2'),
      'src/text.ts': swap('toUpperCase', 'toLowerCase'),
      'src/config.ts': swap('8;', '9;'),
    },
    differs: [],
  },
  {
    what: 'an export more',
    change: { 'src/math.ts': append('export const more = 1;\n'), 'src/start.ts': append('export const more = 1;\n') },
    differs: [],
  },
  {
    what: 'the order of imports',
    change: { 'steps/train.ts': (text) => reorderImports(text), 'pipelines/main.ts': (text) => reorderImports(text) },
    differs: [],
  },
  {
    what: 'the order of declarations',
    change: {
      'src/math.ts':
        'export function sum(values: number[]) {\n  return values.reduce((a, b) => a + b, 0);\n}\nexport const halve = (value: number) => value / 2;\nexport const mean = (values: number[]) => sum(values) / values.length;\n',
    },
    differs: [],
  },
  {
    what: 'a const that becomes exported by a list',
    change: { 'src/twice.ts': 'const double = (n: number) => n * 2;\nexport { double as twice };\n' },
    differs: [],
  },
  {
    what: 'a helper moved to another file',
    change: {
      'src/text.ts':
        "import { MAXIMUM } from './config.ts';\nfunction strip(text: string) {\n  return text.slice(0, MAXIMUM);\n}\nexport const normalize = (text: string): string => strip(text.trim());\n",
    },
    differs: [],
  },
  { what: 'layout of JSON', change: { 'src/settings.json': '{\n  "prefix": "> ",\n  "unused": [1,2]\n}\n' }, differs: [] },
  { what: 'a file that is not imported', change: { 'src/unrelated.ts': "import 'nothing';\n" }, differs: [] },
  { what: 'a package that is not reached', change: { 'node_modules/unreached/package.json': swap('4.0.0', '4.1.0') }, differs: [] },
  { what: 'the files of a package', change: { 'node_modules/pad/index.js': 'module.exports = (n) => n.toString();\n' }, differs: [] },
  { what: 'what is written into another map', change: { 'src/plugins.ts': swap("set('good', 1)", "set('good', 2)") }, differs: [] },
  {
    what: 'retries, timeouts, description, group, resources, tags',
    change: {
      'steps/load.ts': (text) =>
        swap(
          "maxAttempts: 3 },\n    timeout: '1 minute'",
          "maxAttempts: 5, backoff: 'fixed' },\n    timeout: '2 minutes', totalTimeout: '1 hour', tags: ['x'], resources: { cpu: '2' }",
        )(swap('Reads rows.', 'Reads.')(text)),
      'steps/train.ts': swap("group: 'gpu'", "group: 'cpu', after: ['count']"),
    },
    differs: [],
  },
  { what: 'the policies of a map', change: { 'steps/more.ts': swap('batchSize: 10, concurrency: 4', 'batchSize: 20') }, differs: [] },
  {
    what: 'policies that only other versions know',
    change: { 'steps/train.ts': swap("group: 'gpu'", "executor: 'x', docker: {}, image: 'y', stack: 'z', cache: { version: '2' }") },
    differs: [],
  },
  {
    what: 'a condition and a fallback',
    change: {
      'steps/train.ts': swap("{ name: 'score' }", "{ name: 'score', when: () => math.halve(2) > 0, onFailure: () => math.sum([1]) }"),
    },
    differs: [],
  },
  {
    what: 'the order of a definition',
    change: {
      'steps/train.ts': swap(
        'inputs: { rows: z.array(z.number()) }, outputs: { model: z.unknown() }',
        'outputs: { model: z.unknown() }, inputs: { rows: z.array(z.number()) }',
      ),
    },
    differs: [],
  },
  {
    what: 'how a name is put',
    change: {
      'steps/load.ts': swap("name: 'count'", "name: 'co' + 'unt'"),
      'steps/train.ts': (text) =>
        `${swap("{ name: 'score' }", '{ name: NAME }')(text)}const NAME = 'score';\n`
          .replace(/^/, 'var NAME = "score";\n')
          .replace(/const NAME.*\n$/, ''),
    },
    differs: [],
  },
  { what: "the pipeline's own options", change: { 'pipelines/main.ts': swap('rate: 0.1', 'rate: 0.2') }, differs: [] },
  {
    what: 'where a step stands',
    change: {
      'pipelines/main.ts': (text) =>
        swap(
          "    step({ name: 'inline_two' }, () => 'two'),\n",
          '',
        )(swap('.add(', ".add(step({ name: 'inline_two' }, () => 'two'))\n  .add(")(text)),
    },
    differs: [],
  },
  {
    what: 'output on the console',
    change: { 'pipelines/main.ts': append("console.log('loaded');\n"), 'src/start.ts': append("console.error('loaded');\n") },
    differs: [],
  },
  {
    what: 'a script that runs the pipeline',
    change: { 'pipelines/main.ts': append("\nif (import.meta.main) {\n  const { extend } = await import('other');\n  extend(1);\n}\n") },
    differs: [],
  },
  {
    what: 'line ends of Windows',
    change: { 'steps/load.ts': (text) => text.replaceAll('\n', '\r\n'), 'src/chars.ts': (text) => text.replaceAll('\n', '\r\n') },
    differs: [],
  },
  {
    what: 'a table of functions',
    change: {
      'src/math.ts': append(
        "import { extend } from 'other';\nconst later = () => extend();\nexport const all = new Map(Object.entries({ later, mean }));\n",
      ),
    },
    differs: [],
  },
  {
    what: 'schemas made from others',
    change: {
      'steps/load.ts': append('export const Row2 = Limit.optional();\nexport const Wide = z.object({ a: Limit }).extend({ b: Limit });\n'),
    },
    differs: [],
  },
];

/** The name counts: steps that a factory or a loop made are told apart by nothing else. */
export const NAMES: readonly Case[] = [
  { what: 'a loop over another name', change: { 'steps/made.ts': swap("['c']", "['d']") }, differs: ['loop_c', 'loop_d'] },
];

function reorderImports(text: string): string {
  const lines = text.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  return [...imports.reverse(), ...lines.filter((line) => !line.startsWith('import '))].join('\n');
}
