import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { located } from './located.mjs';

// What a user's tsconfig.json says about how their TypeScript is to be translated.

const require = createRequire(import.meta.url);

const nearest = new Map();
const options = new Map();

export function forgetTsconfigs() {
  nearest.clear();
  options.clear();
}

/** Whether `folder` or one above it has a tsconfig.json. */
export const hasTsconfig = (folder) => tsconfigPath(folder) !== undefined;

function tsconfigPath(folder) {
  if (nearest.has(folder)) return nearest.get(folder);
  const own = join(folder, 'tsconfig.json');
  const above = dirname(folder);
  const found = existsSync(own) ? own : above === folder ? undefined : tsconfigPath(above);
  nearest.set(folder, found);
  return found;
}

/** Options for oxc-transform that the tsconfig.json above `file` asks for. */
export function transformOptions(file) {
  const path = tsconfigPath(dirname(file));
  if (!path) return {};
  let found = options.get(path);
  if (!found) {
    found = toTransformOptions(compilerOptions(path));
    options.set(path, found);
  }
  return found;
}

function compilerOptions(path) {
  const { parseTsconfig } = require('get-tsconfig');
  try {
    return parseTsconfig(path).compilerOptions ?? {};
  } catch (error) {
    throw located(`${path}: ${error.message}`);
  }
}

function toTransformOptions(compiler) {
  const fieldsAreAssigned =
    compiler.useDefineForClassFields === false || (compiler.useDefineForClassFields === undefined && isOld(compiler));
  return {
    decorator: { legacy: compiler.experimentalDecorators === true, emitDecoratorMetadata: compiler.emitDecoratorMetadata === true },
    typescript: {
      onlyRemoveTypeImports: compiler.verbatimModuleSyntax === true,
      removeClassFieldsWithoutInitializer: fieldsAreAssigned,
    },
    assumptions: { setPublicClassFields: fieldsAreAssigned },
    jsx: jsxOptions(compiler),
  };
}

// TypeScript assigns class fields instead of defining them where the target is below ES2022.
const isOld = ({ target }) => target !== undefined && /^es(?:3|5|6|20(?:1\d|2[01]))$/i.test(target);

function jsxOptions({ jsx, jsxImportSource, jsxFactory, jsxFragmentFactory }) {
  if (jsx === 'react') return { runtime: 'classic', pragma: jsxFactory, pragmaFrag: jsxFragmentFactory };
  return { runtime: 'automatic', importSource: jsxImportSource, development: jsx === 'react-jsxdev' };
}
