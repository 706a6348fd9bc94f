import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../../pipelines/errors.ts';
import { nameProblem } from '../../pipelines/names.ts';

/** `flowyml init`: writes flowyml.yaml and a first pipeline. Files that exist are left as they are. */
export async function init(dir: string): Promise<void> {
  const root = resolve(dir);
  if (existsSync(root) && !statSync(root).isDirectory()) throw new UsageError(`${dir} is a file: name a folder`);
  for (const [name, text] of Object.entries(files(projectName(root), schemaLine(root)))) {
    const file = join(root, name);
    const shown = relative(process.cwd(), file) || name;
    if (existsSync(file)) {
      console.log(`kept     ${shown} (it exists already)`);
      continue;
    }
    writable(root, () => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    });
    console.log(`written  ${shown}`);
  }
  writable(root, () => ignoreState(root));
  const inside = relative(process.cwd(), root);
  const shown = /^[\w./-]*$/.test(inside) ? inside : JSON.stringify(inside);
  console.log(`\nNext: ${inside ? `cd ${shown} && ` : ''}npx flowyml run pipelines/training.ts`);
}

function writable(root: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`cannot write to ${root} (${(error as Error).message}): name a folder that this user may write to`, {
      cause: error,
    });
  }
}

function projectName(root: string): string {
  const name = basename(root)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 64);
  return nameProblem('project', name) ? 'flowyml' : name;
}

/** Editors check the file by what flowyml itself knows, where it is installed in this folder. */
function schemaLine(root: string): string {
  const path = 'node_modules/flowyml/schema/flowyml.schema.json';
  return existsSync(join(root, path)) ? `# yaml-language-server: $schema=${path}\n` : '';
}

/** What the services keep is not for git. */
function ignoreState(root: string): void {
  const file = join(root, '.gitignore');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  if (lines.some((line) => /^\/?\.flowyml\/?$/.test(line.trim()))) return;
  const before = lines.join('\n');
  writeFileSync(file, `${before && !before.endsWith('\n') ? `${before}\n` : before}.flowyml/\n`);
}

const files = (project: string, schema: string): Record<string, string> => ({
  'flowyml.yaml': `${schema}# Names the task queues of this project's runs.
project: ${project}

# Every worker of the project serves the pipelines of these modules.
pipelines: pipelines/*.ts

active_stack: local
stacks:
  local:
    type: local
    artifact_path: .flowyml/artifacts
`,
  'tsconfig.json': `{
  "compilerOptions": {
    "target": "es2023",
    "module": "preserve",
    "moduleResolution": "bundler",
    "allowImportingTsExtensions": true,
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["pipelines"]
}
`,
  'pipelines/training.ts': `import { metrics, pipeline, step } from 'flowyml';
import { z } from 'zod';

const points = z.array(z.object({ x: z.number(), y: z.number() }));
const line = z.object({ slope: z.number(), intercept: z.number() });

/** Makes points around the line y = 3x + 2. */
const loadData = step(
  { name: 'load_data', outputs: { data: points }, params: { rows: z.number().int().positive().default(200) } },
  ({ rows }) => Array.from({ length: rows }, (_, i) => ({ x: i / rows, y: (3 * i) / rows + 2 + Math.sin(i) / 5 })),
);

/** Fits a line by gradient descent. Params come from the run (-p epochs=500), else from the pipeline's context. */
const train = step(
  {
    name: 'train',
    inputs: { data: points },
    outputs: { model: line },
    params: { learning_rate: z.number().positive(), epochs: z.number().int().positive().default(300) },
    retry: { maxAttempts: 3 },
    timeout: '5 minutes',
  },
  ({ data, learning_rate, epochs }, run) => {
    let slope = 0;
    let intercept = 0;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let loss = 0;
      let dSlope = 0;
      let dIntercept = 0;
      for (const { x, y } of data) {
        const error = slope * x + intercept - y;
        loss += error ** 2 / data.length;
        dSlope += (2 * error * x) / data.length;
        dIntercept += (2 * error) / data.length;
      }
      slope -= learning_rate * dSlope;
      intercept -= learning_rate * dIntercept;
      if (epoch % 50 === 0) {
        run.metric('loss', loss, { step: epoch });
        run.log.info(\`epoch \${epoch}: loss \${loss.toFixed(4)}\`);
      }
    }
    return { slope, intercept };
  },
);

/** How far the line is off, on the data it was fitted to. */
const evaluate = step(
  { name: 'evaluate', inputs: { model: line, data: points }, outputs: { quality: metrics() } },
  ({ model, data }) => {
    const errors = data.map(({ x, y }) => Math.abs(model.slope * x + model.intercept - y));
    return { mean_error: errors.reduce((a, b) => a + b, 0) / errors.length, worst_error: Math.max(...errors) };
  },
);

export default pipeline('training', {
  description: 'Fits a line to made-up points',
  steps: [loadData, train, evaluate],
  context: { learning_rate: 0.5 },
});
`,
});
