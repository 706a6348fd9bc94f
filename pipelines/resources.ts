import { UsageError } from './errors.ts';

/** What a step or group needs. On local workers only `memory` is enforced: as a limit on the step's process. */
export interface ResourceConfig {
  /** Cores, such as `'4'`. */
  cpu?: string | number;
  /** A Kubernetes quantity such as `'512Mi'` or `'8Gi'`, or bytes. */
  memory?: string | number;
  /** The kind of accelerator, such as `'nvidia-l4'`. */
  gpu?: string;
  gpuCount?: number;
  /** A Kubernetes quantity such as `'100Gi'`, or bytes. */
  diskSize?: string | number;
  machineType?: string;
}

const UNITS: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/**
 * A Kubernetes quantity in bytes.
 * @throws UsageError if it is not one
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantityBytes(value: string | number, field: string): number {
  const m = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(value).trim());
  const unit = m ? UNITS[m[2] ?? ''] : undefined;
  if (!m || unit === undefined) throw new UsageError(`${field}: ${JSON.stringify(value)} is not a size; write it like '512Mi' or '8Gi'`);
  return Math.round(Number(m[1]) * unit);
}

const KEYS: readonly (keyof ResourceConfig)[] = ['cpu', 'memory', 'gpu', 'gpuCount', 'diskSize', 'machineType'];

/** What is wrong with a resource description: unknown keys and unreadable sizes. */
export function resourceProblems(resources: ResourceConfig, field: string): string[] {
  if (typeof resources !== 'object') return [`${field}: ${JSON.stringify(resources)} is not an object; known keys: ${KEYS.join(', ')}`];
  const problems: string[] = [];
  for (const key of Object.keys(resources)) {
    if (!(KEYS as readonly string[]).includes(key)) problems.push(`${field}.${key} is unknown; known: ${KEYS.join(', ')}`);
  }
  for (const key of ['memory', 'diskSize'] as const) {
    const value = resources[key];
    if (value === undefined) continue;
    try {
      quantityBytes(value, `${field}.${key}`);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (resources.cpu !== undefined && !(Number(resources.cpu) > 0))
    problems.push(`${field}.cpu: ${JSON.stringify(resources.cpu)} is not a number of cores`);
  return problems;
}
