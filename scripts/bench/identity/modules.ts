import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// 60 files: one with the pipeline, the others in which steps and what they use are spread.
const STEP_FILES = 50;
const STEPS_A_FILE = 2;
const HELPER_FILES = 9;

/** Writes a pipeline of 100 steps in 60 files, as a project has them: each step reaches declarations of several files. */
export function writeModules(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  for (let i = 0; i < HELPER_FILES; i++) write(`helpers_${i}.ts`, helpers(i));
  for (let i = 0; i < STEP_FILES; i++) write(`steps_${i}.ts`, steps(i));
  write('pipeline.ts', [
    "import { pipeline } from 'flowyml';",
    ...Array.from({ length: STEP_FILES }, (_, i) => `import { ${names(i).join(', ')} } from './steps_${i}.ts';`),
    `export default pipeline('many_files', { steps: [${Array.from({ length: STEP_FILES }, (_, i) => names(i).join(', ')).join(', ')}] });`,
  ]);
  return join(folder, 'pipeline.ts');
}

const names = (file: number) => Array.from({ length: STEPS_A_FILE }, (_, i) => `step_${STEPS_A_FILE * file + i}`);

/** Each file's helpers use those of the file before. */
function helpers(file: number): string[] {
  const before = file - 1;
  return [
    ...(file ? [`import { mean_${before}, type Summary_${before} } from './helpers_${before}.ts';`] : []),
    `const WEIGHTS_${file} = [0.2, 0.3, 0.5, ${file}];`,
    '/** What is known of a column. */',
    `export interface Summary_${file} { name: string; mean: number; deviation: number${file ? `; before?: Summary_${before}` : ''} }`,
    `export function mean_${file}(values: readonly number[]): number {`,
    `  if (!values.length) return ${file ? `mean_${before}([${file}])` : '0'};`,
    `  return values.reduce((sum, value, i) => sum + value * (WEIGHTS_${file}[i % 4] ?? 1), 0) / values.length;`,
    '}',
    `export const summary_${file} = (name: string, values: readonly number[]): Summary_${file} => {`,
    `  const mean = mean_${file}(values);`,
    '  // The population, not a sample of it.',
    '  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);',
    '  return { name, mean, deviation };',
    '};',
  ];
}

function steps(file: number): string[] {
  const used = [file % HELPER_FILES, (file + 4) % HELPER_FILES];
  return [
    "import { step } from 'flowyml';",
    "import { z } from 'zod';",
    ...used.map((helper) => `import { mean_${helper}, summary_${helper} } from './helpers_${helper}.ts';`),
    `const column_${file} = z.object({ name: z.string(), values: z.array(z.number()) });`,
    `const label_${file} = (name: string) => \`\${name.toUpperCase()} (${file})\`;`,
    ...names(file).flatMap((name, i) => [
      `export const ${name} = step(`,
      `  { name: '${name}', params: { seed_${name}: z.number() }, outputs: { column_${name}: column_${file} } },`,
      `  ({ seed_${name} }) => {`,
      `    const values = Array.from({ length: 20 }, (_, i) => seed_${name} * i + mean_${used[i]}([i, ${file}]));`,
      `    const { name, mean } = summary_${used[i]}('${name}', values);`,
      `    return { name: label_${file}(name), values: values.map((value) => value - mean) };`,
      '  },',
      ');',
    ]),
  ];
}
