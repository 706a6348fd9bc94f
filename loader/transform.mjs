import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { located } from './located.mjs';
import { isOwnCode } from './own.mjs';
import { transformOptions } from './tsconfig.mjs';

// What Node is given to run in place of a TypeScript or JSON file.

const require = createRequire(import.meta.url);

const TARGET = `node${process.versions.node.split('.')[0]}`;
const MODULE = /\.(?:m?ts|tsx)$/;

/** The module that a file stands for; undefined where Node loads it itself. */
export function translate(url, context) {
  if (!url.startsWith('file:')) return undefined;
  const path = url.replace(/[?#].*$/, '');
  if (MODULE.test(path)) return { format: 'module', source: typescript(url, path, 'module'), shortCircuit: true };
  if (path.endsWith('.cts')) return { format: 'commonjs', source: typescript(url, path, 'commonjs'), shortCircuit: true };
  if (path.endsWith('.json') && context.format === 'module') {
    return { format: 'module', source: json(fileURLToPath(path)), shortCircuit: true };
  }
  return undefined;
}

function typescript(url, path, sourceType) {
  const { transformSync } = require('oxc-transform');
  const file = fileURLToPath(path);
  const text = readText(file);
  const options = isOwnCode(path) ? {} : transformOptions(file);
  const lang = path.endsWith('.tsx') ? 'tsx' : 'ts';
  const { code, map, errors } = transformSync(file, text, { lang, sourceType, sourcemap: true, target: TARGET, ...options });
  const problem = firstProblem(file, text, errors);
  if (problem) throw located(problem);
  if (!map) return code;
  // Without the text itself: whoever shows a line reads it from the file.
  const slim = JSON.stringify({ version: 3, sources: [url], names: [], mappings: map.mappings });
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(slim).toString('base64')}`;
}

/** What is wrong with the syntax of a JavaScript file, and where; undefined if nothing is. */
export function syntaxProblem(file) {
  const { transformSync } = require('oxc-transform');
  const text = readText(file);
  return firstProblem(file, text, transformSync(file, text, { sourceType: 'unambiguous' }).errors);
}

/** As TypeScript's `resolveJsonModule` has it, with or without `with { type: 'json' }`, and without Node 20's warning. */
function json(file) {
  const text = readText(file);
  try {
    JSON.parse(text);
  } catch (error) {
    throw located(`${file}: ${error.message}`);
  }
  // Parsed when it runs: a literal would take a key `__proto__` for the prototype.
  return `export default JSON.parse(${JSON.stringify(text)});`;
}

const readText = (file) => readFileSync(file, 'utf8').replace(/^\uFEFF/, '');

function firstProblem(file, text, errors) {
  const error = errors.find(({ severity }) => severity === 'Error');
  if (!error) return undefined;
  const { message, helpMessage, labels } = error;
  const label = labels.find((each) => each.message?.includes('redeclared')) ?? labels[0];
  // oxc-transform counts bytes where oxc-parser counts characters.
  const before = Buffer.from(text)
    .subarray(0, label?.start ?? 0)
    .toString()
    .split('\n');
  const line = before.length;
  const column = (before[line - 1]?.length ?? 0) + 1;
  const shown = text.split('\n')[line - 1]?.trimEnd() ?? '';
  const margin = `  ${line} | `;
  const excerpt = !shown || shown.length > 160 ? '' : `\n${margin}${shown}\n${margin.replace(/\d/g, ' ')}${' '.repeat(column - 1)}^`;
  return `${file}:${line}:${column}: ${message}${helpMessage ? ` (${helpMessage})` : ''}${excerpt}`;
}
