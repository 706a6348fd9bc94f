import { type Duration, milliseconds } from './duration.ts';
import { hint } from './names.ts';

/** Whether and how a step's results are reused by later runs. */
export type CacheOption =
  | boolean
  | {
      /** How long a result may be reused; for ever unless given. */
      ttl?: Duration;
      /** Changing it makes all earlier results unknown. */
      version?: string;
      /** Params that do not change the result. */
      ignore?: readonly string[];
      /** What the code depends on and does not show: files, by path from the module, and environment variables, by name. */
      also?: readonly string[];
    };

/** A step's cache policy in its plan; `false`: nothing is read, nothing is kept. */
export type PlanCache = false | { ttlMs?: number; version?: string; ignore?: string[]; also?: string[] };

const KEYS = ['ttl', 'version', 'ignore', 'also'];

/** A step's policy: its own, else its pipeline's, else on. `note` gets what is wrong with it. */
export function planCache(
  own: CacheOption | undefined,
  pipeline: CacheOption | undefined,
  where: string,
  note: (problem: string) => void,
): PlanCache {
  const option = own ?? pipeline ?? true;
  if (option === false) return false;
  if (option === true) return typeof pipeline === 'object' && own === undefined ? planCache(pipeline, undefined, where, note) : {};
  if (typeof option !== 'object' || option === null) {
    note(`${where}: cache: ${JSON.stringify(option)} is not true, false or an object`);
    return {};
  }
  for (const key of Object.keys(option)) if (!KEYS.includes(key)) note(`${where}: cache.${key} is unknown${hint(key, KEYS)}`);
  const policy: Exclude<PlanCache, false> = {};
  if (option.ttl !== undefined) {
    try {
      policy.ttlMs = milliseconds(option.ttl, `${where}: cache.ttl`);
    } catch (error) {
      note((error as Error).message);
    }
  }
  if (option.version !== undefined) policy.version = String(option.version);
  if (option.ignore?.length) policy.ignore = [...option.ignore];
  if (option.also?.length) policy.also = [...option.also];
  return policy;
}
