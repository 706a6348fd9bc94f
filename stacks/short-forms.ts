/** What stands for an artifact store's type where none is named, by the stack's. */
export const STORES: Record<string, string> = { local: 'local', gcp: 'gcs', aws: 's3', kubernetes: 's3' };
/** Other names of keys. */
export const ALIASES: Record<string, Record<string, string>> = { artifact_store: { bucket_name: 'bucket' } };

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A stack's data with what may be left out or shortened written out: `executor: docker` is `executor: { type: docker }`. */
export function writeOutStack(data: unknown): unknown {
  if (!isMap(data)) return data;
  return { type: 'local', ...writeOutComponents(data, String(data.type ?? 'local')) };
}

/** The same for the whole of flowyml.yaml. */
export function writeOutFile(data: unknown): unknown {
  if (!isMap(data)) return data;
  const each = (value: unknown, f: (value: unknown) => unknown) =>
    isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, f(inner)])) : value;
  return {
    ...writeOutComponents(data, 'local'),
    ...('stacks' in data ? { stacks: each(data.stacks, writeOutStack) } : {}),
    ...('groups' in data ? { groups: each(data.groups, (group) => (isMap(group) ? writeOutComponents(group, '') : group)) } : {}),
  };
}

function writeOutComponents(data: Record<string, unknown>, stackType: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) result[key] = writeOut(key, value, stackType);
  return result;
}

function writeOut(key: string, value: unknown, stackType: string): unknown {
  if ((key === 'executor' || key === 'orchestrator') && typeof value === 'string') return { type: value };
  // `orchestrator: null` and `~`: none.
  if (key === 'orchestrator' && value === null) return undefined;
  if (key !== 'artifact_store' || !isMap(value)) return value;
  // Beside the name that it stands for, an alias stays what it is: an unknown key.
  const nameOf = (name: string) => (value[ALIASES[key]?.[name] ?? name] === undefined ? (ALIASES[key]?.[name] ?? name) : name);
  const renamed = Object.fromEntries(Object.entries(value).map(([name, each]) => [nameOf(name), each]));
  return { ...(STORES[stackType] ? { type: STORES[stackType] } : {}), ...renamed };
}
