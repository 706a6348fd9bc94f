import { checked } from '../pipelines/config-class.ts';
import { nameProblem } from '../pipelines/names.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { camelKey, snakeKeys } from './key-case.ts';
import { stackSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { writeOutStack } from './short-forms.ts';
import { doubledKeys, stackSpec } from './stack-data.ts';
import { variablesOf } from './variables.ts';

/** What is wrong with a stack given as data in camelCase: flat fields, components, or both. */
export function stackProblems(value: unknown, field: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${field}: ${JSON.stringify(value)} is not a stack`];
  const { name, ...rest } = value as Record<string, unknown>;
  const data = dataOf(rest);
  const found = schemaProblems(stackSchema, data).map(({ path, message }) => ({
    key: path.map((key) => camelKey(String(key))).join('.'),
    message,
  }));
  const doubled = found.length ? [] : doubledKeys(stackSchema.parse(data)).map(({ message }) => ({ key: '', message }));
  return [
    ...(nameProblem(`${field}: stack`, name) ? [nameProblem(`${field}: stack`, name) as string] : []),
    ...[...found, ...doubled].map(({ message }) => `${field}: ${inCamelCase(message)}`),
    ...secretsIn(rest).map((secret) => `${field}: ${secret}`),
  ];
}

/**
 * A stack given as data in camelCase, with the components that its type brings.
 * @throws UsageError with every mistake
 */
export function readStack(value: unknown, field = 'stack'): StackSpec {
  checked(stackProblems(value, field));
  const { name, ...rest } = value as Record<string, unknown>;
  return stackSpec(name as string, stackSchema.parse(dataOf(rest)));
}

const dataOf = (rest: Record<string, unknown>) =>
  writeOutStack(snakeKeys(Object.fromEntries(Object.entries(withSpan(rest)).filter(([, value]) => value !== undefined))));

/** A stack that was read before has its times in milliseconds. */
function withSpan(rest: Record<string, unknown>): Record<string, unknown> {
  const { executor } = rest as { executor?: { idleTimeoutMs?: number } };
  if (typeof executor !== 'object' || executor?.idleTimeoutMs === undefined) return rest;
  const { idleTimeoutMs, ...others } = executor;
  return { ...rest, executor: { ...others, idleTimeout: idleTimeoutMs } };
}

const inCamelCase = (message: string) =>
  message.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (word) => (word === 'vertex_ai' ? word : camelKey(word)));

/** A stack travels in run requests and plans, which many may read: secrets in it must be named, not given. */
function secretsIn(stack: Record<string, unknown>): string[] {
  const { artifactStore, metadataStore } = stack as {
    artifactStore?: { connectionString?: string };
    metadataStore?: { password?: string; url?: string };
  };
  // What is a secret in a text, but for what a variable stands for.
  const isGiven = (text: string | undefined, secret: RegExp) => {
    const [, found] = secret.exec(text ?? '') ?? [];
    return found !== undefined && !variablesOf(found).length;
  };
  const name = (key: string, variable: string) =>
    `${key} is a secret: name an environment variable in place of it, such as '\${${variable}}'`;
  const secrets: [given: boolean, key: string, variable: string][] = [
    [isGiven(artifactStore?.connectionString, CONNECTION_SECRET), 'artifactStore.connectionString', 'AZURE_STORAGE_CONNECTION_STRING'],
    [isGiven(metadataStore?.password, /^(.+)$/s), 'metadataStore.password', 'DB_PASSWORD'],
    [isGiven(metadataStore?.url, /:\/\/[^/@]*?:([^/@]+)@/), 'metadataStore.url', 'DATABASE_URL'],
  ];
  return secrets.flatMap(([given, key, variable]) => (given ? [name(key, variable)] : []));
}

// An account's key, or a signature.
const CONNECTION_SECRET = /(?:AccountKey|SharedAccessSignature)=([^;]+)/i;
