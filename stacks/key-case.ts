/** A camelCase name in snake_case. */
export type Snake<T extends string> = T extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Tail>}`
  : T;

/** Keys below these belong to the user. */
const FREE = new Set(['options', 'env_vars', 'build_args', 'envVars', 'buildArgs']);

export const camelKey = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
export const snakeKey = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** flowyml.yaml is written in snake_case, TypeScript and JSON in camelCase: the one mapping between them. */
export const camelKeys = (value: unknown): unknown => mapKeys(value, camelKey);
export const snakeKeys = (value: unknown): unknown => mapKeys(value, snakeKey);

function mapKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => mapKeys(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [rename(key), FREE.has(key) ? each : mapKeys(each, rename)]));
}
