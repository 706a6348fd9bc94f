import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from '../support/project.ts';
import { callMany } from './call-many.ts';
import type { Call, Outcome } from './many.ts';

// Every mistake gets one message that says what it is and what to do; exit code 2 where the call is at fault; no stack.
interface Case extends Omit<Call, 'args'> {
  call: string;
  says: RegExp;
  code?: number;
}

const modules = {
  'good.ts': `import { pipeline, step } from 'flowyml'; import { z } from 'zod';
export default pipeline('good', { context: { learning_rate: 0.1, note: 'x' }, steps: [
  step({ name: 'one', params: { rows: z.number().int().positive(), learning_rate: z.number() } }, () => {}),
  step({ name: 'two', group: 'gpu' }, () => {}),
] });`,
  'syntax.ts': `import { pipeline } from 'flowyml';\nexport default pipeline('x', { steps: [ };\n`,
  'throws.ts': `const config = undefined as unknown as { url: string };\nexport default config.url;\n`,
  'nothing.ts': 'export {};\n',
  'other.ts': 'export const helper = 1;\n',
  'several.ts': `import { pipeline, step } from 'flowyml';
export const daily = pipeline('daily', { steps: [step({ name: 'a' }, () => {})] });
export const hourly = pipeline('hourly', { steps: [step({ name: 'a' }, () => {})] });`,
  'package.ts': `import x from 'lodahs';\nexport default x;\n`,
  'file.ts': `import x from './helper.ts';\nexport default x;\n`,
  'circle.ts': `import { pipeline, step } from 'flowyml'; import { z } from 'zod';
const a = step({ name: 'a', inputs: { y: z.number() }, outputs: { x: z.number() } }, () => 1);
const b = step({ name: 'b', inputs: { x: z.number(), ratio: z.number() }, outputs: { y: z.number() } }, () => 1);
export default pipeline('circle', { steps: [a, b] as never });`,
  'data.json': '{}',
  'folder/inside.ts': 'export {};\n',
};

const files = {
  ...modules,
  'params/broken.json': '{"rows": ',
  'params/broken.yaml': 'rows: 1\nrows: 2\n',
  'params/list.json': '[1]',
  'params/nan.yaml': 'rows: .nan\n',
};

const yaml: [text: string, says: RegExp][] = [
  ['projct: a\n', /flowyml\.yaml:1: unknown key 'projct'; did you mean 'project'\?/],
  [
    'project: a\nstacks:\n  local:\n    artifact_pth: x\n',
    /flowyml\.yaml:4: unknown key 'artifact_pth' in stack 'local'; did you mean 'artifact_path'/,
  ],
  ['project: a b\n', /project name "a b" is not allowed: use 1 to 64 letters/],
  ['project: 5\n', /flowyml\.yaml:1: project: expected string, received number/],
  ['project: [a\n', /flowyml\.yaml:2: not valid YAML/],
  ['project: a\nproject: b\n', /flowyml\.yaml:2: not valid YAML: Map keys must be unique/],
  ['project: a\n---\nproject: b\n', /flowyml\.yaml:2: not valid YAML: it holds several documents/],
  ['project: *name\n', /flowyml\.yaml: not valid YAML: .*name/],
  ['just text\n', /flowyml\.yaml: the file: expected a mapping/],
  ['stacks:\n', /flowyml\.yaml:1: stacks: expected a mapping .*received nothing/],
  ['stacks:\n  my stack:\n    type: local\n', /flowyml\.yaml:2: stack name "my stack" is not allowed/],
  ['groups:\n  gpu:\n    max_concurrent: 0\n', /flowyml\.yaml:3: groups\.gpu\.max_concurrent: 0 is not a whole number of at least 1/],
  ['groups:\n  gpu: { max_concurrent: 1.5 }\n', /flowyml\.yaml:2: groups\.gpu\.max_concurrent: 1\.5 is not a whole number of at least 1/],
  ['groups:\n  gpu:\n    max_per_second: -1\n', /flowyml\.yaml:3: groups\.gpu\.max_per_second: -1 is not a number above 0/],
  [
    'groups:\n  gpu:\n    max_concurent: 1\n',
    /flowyml\.yaml:3: unknown key 'max_concurent' in group 'gpu'; did you mean 'max_concurrent'\?/,
  ],
  ['groups:\n  my gpu: {}\n', /flowyml\.yaml:2: group name "my gpu" is not allowed/],
  ['groups: 5\n', /flowyml\.yaml:1: groups: expected a mapping/],
  ['groups:\n  gpu:\n', /flowyml\.yaml:2: groups\.gpu: expected a mapping .*received nothing/],
  ['pipelines: 7\n', /flowyml\.yaml:1: pipelines: expected a path or pattern, or a list of them/],
  ['active_stack: prd\nstacks:\n  prod:\n    type: local\n', /active_stack: no stack is named 'prd'; did you mean 'prod'\?/],
  [
    'active_stack: cloud\nstacks:\n  cloud:\n    type: vertex\n',
    /flowyml\.yaml:4: stacks\.cloud: type "vertex" is unknown; known: local, gcp, aws, kubernetes/,
  ],
];

const cases: Case[] = [
  // The command line.
  { call: 'frobnicate', says: /unknown command 'frobnicate'/ },
  { call: 'rnu good.ts', says: /unknown command 'rnu'[\s\S]*Did you mean run\?/ },
  { call: 'run', says: /missing required argument 'module'/ },
  { call: 'run good.ts --priority 6', says: /--priority: "6" is not a priority: give a whole number from 1 \(first\) to 5/ },
  { call: 'run good.ts --priority high', says: /--priority: "high" is not a priority/ },
  { call: 'run good.ts --detatch', says: /unknown option '--detatch'[\s\S]*Did you mean --detach\?/ },
  { call: 'run good.ts again.ts', says: /too many arguments for 'run'/ },
  { call: 'plan good.ts --json --mermaid', says: /option '--json' cannot be used with option '--mermaid'/ },
  { call: 'runs logs', says: /missing required argument 'run'/ },
  { call: 'up --temporal-port abc', says: /--temporal-port: "abc" is not a whole number of at least 1/ },
  { call: 'up --ui-port 70000', says: /--ui-port: 70000 is not a port: ports go up to 65535/ },
  { call: 'worker --concurrency 0', says: /--concurrency: "0" is not a whole number of at least 1/ },
  { call: 'worker --drain soon', says: /--drain: "soon" is not a duration; give milliseconds or a string such as/ },
  { call: 'init data.json', says: /data\.json is a file: name a folder/ },
  { call: 'init data.json/inside', says: /cannot write to .*data\.json\/inside .*: name a folder that this user may write to/ },
  // Modules.
  { call: 'run god.ts', says: /god\.ts does not exist; did you mean 'good\.ts'\?/ },
  { call: 'run nowhere/x.ts', says: /nowhere\/x\.ts does not exist: there is no folder nowhere/ },
  { call: 'run folder', says: /folder is a folder: name a module in it \(inside\.ts\)/ },
  { call: 'run data.json', says: /data\.json is not a TypeScript or JavaScript module: expected a file ending in \.ts/ },
  { call: 'plan syntax.ts', says: /syntax\.ts:2:41: Unexpected token\n {2}2 \| / },
  { call: 'plan throws.ts', says: /throws\.ts failed to load: TypeError: .*\n {2}at throws\.ts:2:\d+$/m },
  { call: 'plan nothing.ts', says: /nothing\.ts has no pipeline: it exports nothing\. Add: export default pipeline/ },
  { call: 'plan other.ts', says: /other\.ts has no pipeline: it exports helper, none of them made by pipeline\(\)/ },
  {
    call: 'plan several.ts',
    says: /several pipelines: name one of them \(several\.ts#daily, several\.ts#hourly\), or export one as default/,
  },
  { call: 'plan several.ts#dayly', says: /several\.ts has no pipeline 'dayly'; did you mean 'daily'\?/ },
  { call: 'plan package.ts', says: /package\.ts imports 'lodahs', which is not installed: run npm install lodahs/ },
  { call: 'plan file.ts', says: /file\.ts imports helper\.ts, which does not exist/ },
  { call: 'plan circle.ts', says: /pipeline 'circle':\n {2}- step 'b': no step produces input 'ratio'.*\n {2}- .*circle: a → b → a/ },
  { call: 'worker nowhere.ts', says: /nowhere\.ts does not exist/ },
  { call: 'worker', says: /there is no pipeline to serve: no file of .* fits 'pipelines'.*; name a MODULE/ },
  // Params.
  { call: 'run good.ts', says: /param 'rows' \(.*\) is missing: step 'one' needs it/ },
  { call: 'run good.ts -p rows', says: /-p rows: expected name=value/ },
  { call: 'run good.ts -p =5', says: /-p =5: expected name=value/ },
  { call: 'run good.ts -p rows=abc', says: /param 'rows' of step 'one': expected number, received string \(got "abc"\)/ },
  { call: 'run good.ts -p rows="5"', says: /param 'rows' of step 'one': expected number, received string \(got "5"\)/ },
  { call: 'run good.ts -p rows=-1.5', says: /param 'rows' of step 'one': .*\(got -1\.5\)/ },
  { call: 'run good.ts -p rows=1 -p lerning_rate=2', says: /unknown param 'lerning_rate'; did you mean 'learning_rate'\?/ },
  { call: 'run good.ts -p rows=1 -p __proto__=2', says: /unknown param '__proto__'/ },
  { call: 'run good.ts -p rows=1 -p toString=2', says: /unknown param 'toString'/ },
  { call: 'run good.ts -p rows=x -p learning_rate=y', says: /:\n {2}- param 'rows'.*\n {2}- param 'learning_rate'/ },
  { call: 'run good.ts --params nowhere.json', says: /--params nowhere\.json: does not exist/ },
  { call: 'run good.ts --params folder', says: /--params folder: is not a file/ },
  { call: 'run good.ts --params params/broken.json', says: /--params params\/broken\.json:1: not valid JSON: / },
  { call: 'run good.ts --params params/broken.yaml', says: /--params params\/broken\.yaml:2: not valid YAML: Map keys must be unique/ },
  { call: 'run good.ts --params params/list.json', says: /list\.json: expected an object with a value for each param/ },
  { call: 'run good.ts --params params/nan.yaml', says: /nan\.yaml: the value of 'rows' is none that JSON knows/ },
  // What a run is told beside its params.
  {
    call: 'run good.ts -p rows=1 --stack prod',
    says: /--stack: no stack is named 'prod'; known: local/,
  },
  { call: 'run good.ts -p rows=1 --recompute to', says: /--recompute to: pipeline 'good' has no such step; did you mean 'two'\?/ },
  { call: 'run good.ts -p rows=1 --refresh --no-cache', says: /option '--refresh' cannot be used with option '--no-cache'/ },
  { call: 'worker good.ts --group cpu', says: /no pipeline of this worker has a group 'cpu'; did you mean 'gpu'\?/ },
  // Runs.
  { call: 'runs show nope', says: /there is no run 'nope'/ },
  { call: 'runs logs nope', says: /there is no run 'nope'/ },
  { call: 'runs cancel nope', says: /there is no run 'nope'/ },
  { call: 'runs pause nope', says: /there is no run 'nope'/ },
  { call: 'runs retry nope', says: /there is no run 'nope'/ },
  { call: 'runs list --status done', says: /--status done is unknown; known: running/ },
  { call: 'runs list --limit 0', says: /--limit: "0" is not a whole number of at least 1/ },
  { call: 'runs logs nope --attempt first', says: /--attempt: "first" is not a whole number of at least 1/ },
  // The environment.
  { call: 'status', env: { FLOWYML_PROJECT: 'my project' }, says: /FLOWYML_PROJECT: project name "my project" is not allowed/ },
  { call: 'status', env: { FLOWYML_STACK: 'prod' }, says: /FLOWYML_STACK: no stack is named 'prod'; known: local/ },
  {
    call: 'status',
    env: { TEMPORAL_ADDRESS: 'http://x/' },
    says: /TEMPORAL_ADDRESS is "http:\/\/x\/": expected host:port, such as localhost:7233/,
  },
  {
    call: 'status',
    env: { FLOWYML_DATABASE_URL: 'mysql://x' },
    says: /FLOWYML_DATABASE_URL is no address of a PostgreSQL: expected postgres:\/\//,
  },
  ...['run good.ts -p rows=1', 'worker good.ts', 'up'].map((call) => ({
    call,
    env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    code: 1,
    says: /Cannot reach the Temporal server at 127\.0\.0\.1:1, named by TEMPORAL_ADDRESS \(connection refused\): start it, correct the address/,
  })),
  ...['runs list', 'runs show x'].map((call) => ({
    call,
    env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    code: 1,
    says: /Temporal at 127\.0\.0\.1:1, named by TEMPORAL_ADDRESS: cannot be reached; start it, or correct what names it/,
  })),
  {
    call: 'run good.ts -p rows=1',
    env: { FLOWYML_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/db' },
    code: 1,
    says: /Cannot use the PostgreSQL at postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/db, named by FLOWYML_DATABASE_URL \(connection refused\)/,
  },
  {
    call: 'runs list',
    env: { TEMPORAL_ADDRESS: null, FLOWYML_DATABASE_URL: null },
    says: /the services of .* do not run: start them with 'flowyml up'/,
  },
];

let project: TestProject;
let outcomes: Outcome[];

beforeAll(async () => {
  project = await makeProject(files);
  yaml.forEach(([text], i) => {
    project.write(`yaml/${i}/flowyml.yaml`, text);
  });
  const split = (call: string) => call.split(' ');
  const calls: Call[] = [
    ...cases.map(({ call, ...rest }) => ({ args: split(call), ...rest })),
    ...yaml.map((_, i) => ({ args: ['status'], cwd: `${project.root}/yaml/${i}` })),
  ];
  outcomes = await callMany(calls, project);
});
afterAll(() => project.remove());

const expectMessage = (outcome: Outcome | undefined, says: RegExp, code = 2) => {
  expect(outcome?.stderr).toMatch(says);
  expect(outcome?.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)$|node:internal|should not have happened/m);
  expect(outcome?.stdout).toBe('');
  expect(outcome?.code).toBe(code);
};

describe('a mistake in a call', () => {
  it.each(cases.map((each, i) => ({ ...each, i })))('$call ($says)', ({ i, says, code }) => expectMessage(outcomes[i], says, code));

  it('never shows a password', () => {
    for (const { stderr } of outcomes) expect(stderr).not.toContain('secret');
  });
});

describe('a mistake in flowyml.yaml', () => {
  it.each(yaml.map(([text, says], i) => ({ text, says, i })))('$text', ({ i, says }) => expectMessage(outcomes[cases.length + i], says));
});
