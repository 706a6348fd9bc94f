import { UsageError } from '../pipelines/errors.ts';

const VARIABLE = /\$\{([^{}]*)\}/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** A text that names a variable of the environment, and the way to it. */
export interface VariableUse {
  path: readonly PropertyKey[];
  text: string;
  name: string;
  default?: string;
}

/** Every `${NAME}` and `${NAME:-default}` in a value's texts. What is written otherwise is no variable. */
export function variablesOf(value: unknown, path: readonly PropertyKey[] = []): VariableUse[] {
  if (typeof value === 'string')
    return [...value.matchAll(VARIABLE)].flatMap(([, inner = '']) => {
      const [, name, fallback] = NAME.exec(inner) ?? [];
      return name === undefined ? [] : [{ path, text: value, name, ...(fallback === undefined ? {} : { default: fallback }) }];
    });
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => variablesOf(each, [...path, key]));
}

/** A variable that is set to nothing counts as unset, as in a shell's `${NAME:-default}`. */
export const isUnset = ({ name, default: fallback }: VariableUse, env: NodeJS.ProcessEnv = process.env) =>
  !env[name] && fallback === undefined;

/**
 * The value with its variables filled in.
 * @param where names what it is part of, for errors
 * @throws UsageError for a variable that is not set and has no default
 */
export function resolveVariables<T>(value: T, where: string, env: NodeJS.ProcessEnv = process.env): T {
  const missing = variablesOf(value).filter((use) => isUnset(use, env));
  if (missing.length) throw new UsageError(missing.map((use) => unsetProblem(use, [where, ...use.path].join('.'))).join('\n'));
  return fill(value, env) as T;
}

export const unsetProblem = ({ name }: VariableUse, where: string) =>
  `${where}: the environment variable ${name} is not set: set it, or write a default, \${${name}:-…}`;

function fill(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string')
    return value.replace(VARIABLE, (whole, inner: string) => {
      const [, name, fallback] = NAME.exec(inner) ?? [];
      return name === undefined ? whole : env[name] || (fallback ?? '');
    });
  if (Array.isArray(value)) return value.map((each) => fill(each, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, env)]));
}
