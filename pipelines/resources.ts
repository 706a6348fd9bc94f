import { checked, given } from './config-class.ts';
import { UsageError } from './errors.ts';
import { hint } from './names.ts';

/** What a step or group needs: `ResourceConfig` as plain data; snake_case in flowyml.yaml. */
export interface ResourceOptions {
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
  /** Cheaper machines that a cloud may take away: for work that can be tried again. */
  preemptible?: boolean;
  /** The group's workers follow its queue, between the group's `min_replicas` and `replicas`. */
  autoscaling?: boolean;
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

/** Cores, of a number or a Kubernetes quantity such as `'500m'`; undefined if it is neither. */
export function cores(value: string | number): number | undefined {
  const m = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(value).trim());
  const number = m ? Number(m[1]) / (m[2] ? 1000 : 1) : 0;
  return number > 0 ? number : undefined;
}

type Kind = 'cores' | 'size' | 'text' | 'count' | 'switch';

const OPTIONS: Record<keyof ResourceOptions, Kind> = {
  cpu: 'cores',
  memory: 'size',
  gpu: 'text',
  gpuCount: 'count',
  diskSize: 'size',
  machineType: 'text',
  preemptible: 'switch',
  autoscaling: 'switch',
};

/** The keys of `ResourceOptions`. */
export const RESOURCE_KEYS = Object.keys(OPTIONS) as (keyof ResourceOptions)[];

function kindProblem(kind: Kind, value: unknown, field: string): string | undefined {
  const said = (expected: string) => `${field}: ${JSON.stringify(value)} is not ${expected}`;
  if (kind === 'switch') return typeof value === 'boolean' ? undefined : said('true or false');
  if (kind === 'text') return typeof value === 'string' && value ? undefined : said('a string');
  if (kind === 'count') return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : said('a whole number');
  const isNumber = typeof value === 'string' || typeof value === 'number';
  if (kind === 'cores') return isNumber && cores(value) !== undefined ? undefined : said('a number of cores');
  if (!isNumber) return said("a size; write it like '512Mi' or '8Gi'");
  try {
    quantityBytes(value, field);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is wrong with a resource description: unknown keys, and values that cannot be read. */
export function resourceProblems(resources: unknown, field: string): string[] {
  if (typeof resources !== 'object' || resources === null || Array.isArray(resources))
    return [`${field}: ${JSON.stringify(resources)} is not an object; known keys: ${RESOURCE_KEYS.join(', ')}`];
  return Object.entries(resources).flatMap(([key, value]) => {
    if (!Object.hasOwn(OPTIONS, key)) return [`${field}: unknown key '${key}'${hint(key, RESOURCE_KEYS)}`];
    if (value === undefined) return [];
    return kindProblem(OPTIONS[key as keyof ResourceOptions], value, `${field}.${key}`) ?? [];
  });
}

/** Why a name is no resource profile. */
export const unknownProfile = (name: string, known: readonly string[]) =>
  `no resource profile is named '${name}'${known.length ? hint(name, known) : '; flowyml.yaml has none: write them below `resources:`'}`;

/** What holds several steps: of each quantity the largest, of each name the first. */
export function envelope(all: readonly ResourceOptions[]): ResourceOptions {
  const largest = (key: 'cpu' | 'memory' | 'diskSize' | 'gpuCount') => {
    const size = (value: string | number) => (key === 'cpu' ? (cores(value) ?? 0) : quantityBytes(value, key));
    return all.map((each) => each[key]).reduce((a, b) => (a === undefined || (b !== undefined && size(b) > size(a)) ? b : a), undefined);
  };
  const first = <K extends keyof ResourceOptions>(key: K) => all.find((each) => each[key] !== undefined)?.[key];
  return given({
    cpu: largest('cpu'),
    memory: largest('memory'),
    gpu: first('gpu'),
    gpuCount: largest('gpuCount') as number | undefined,
    diskSize: largest('diskSize'),
    machineType: first('machineType'),
    // A step that must not lose its machine decides for its group.
    preemptible: all.some((each) => each.preemptible) ? all.every((each) => each.preemptible) : undefined,
    autoscaling: all.some((each) => each.autoscaling) || undefined,
  }) as ResourceOptions;
}

/** What a step or group needs. Keys that are undefined count as left out. */
export class ResourceConfig implements ResourceOptions {
  readonly cpu?: string | number;
  readonly memory?: string | number;
  readonly gpu?: string;
  readonly gpuCount?: number;
  readonly diskSize?: string | number;
  readonly machineType?: string;
  readonly preemptible?: boolean;
  readonly autoscaling?: boolean;

  /** Throws UsageError with every mistake. */
  constructor(options: ResourceOptions = {}) {
    checked(resourceProblems(options, 'ResourceConfig'));
    Object.assign(this, given(options));
  }

  toJSON(): ResourceOptions {
    return given({ ...this } as ResourceOptions);
  }
}
