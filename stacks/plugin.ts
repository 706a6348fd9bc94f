import { resolve } from 'node:path';
import { importPlugin } from '../loader/import-plugin.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { PluginSpec } from '../pipelines/stack-spec.ts';

/** What a component of one's own has to be. */
export interface PluginKind {
  /** For messages: `artifact store`. */
  what: string;
  /** How its factory looks: `(options, { root }) => ArtifactStore`. */
  factory: string;
  methods?: readonly string[];
}

/**
 * Makes a component of one's own: calls the default export of its module with its options and the project.
 * Variables of the environment in the options are resolved already.
 * @throws UsageError for a module that makes none
 */
export async function makePlugin(kind: PluginKind, { module, options = {} }: PluginSpec, project: { root: string }): Promise<object> {
  const where = `${kind.what}: ${module}`;
  // What is neither a path nor a file is a package.
  const path = /^[./]|\.[cm]?[jt]s$/.test(module) ? resolve(project.root, module) : module;
  const make = ((await importPlugin(path)) as { default?: unknown } | null)?.default;
  if (typeof make !== 'function') throw new UsageError(`${where}: expected a default export ${kind.factory}, found ${typeof make}`);
  const made: unknown = await make(options, project);
  const missing = (kind.methods ?? []).filter((name) => typeof (made as Record<string, unknown> | null)?.[name] !== 'function');
  if (missing.length)
    throw new UsageError(`${where}: what its default export returns lacks ${missing.map((name) => `${name}()`).join(', ')}`);
  return made as object;
}
