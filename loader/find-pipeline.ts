import { UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { FoundPipeline, LoadedModule } from './load-module.ts';
import { shownPath } from './module-argument.ts';

/**
 * The pipeline that `MODULE#name` means, by its own name or that of its export; without a name the default export, else the
 * only pipeline there is.
 * @throws UsageError where that is none, or not one
 */
export function findPipeline(loaded: LoadedModule, name?: string): FoundPipeline {
  const { pipelines } = loaded;
  const module = shownPath(loaded.file);
  const first = pipelines[0];
  if (!first)
    throw new UsageError(`${module} has no pipeline: ${whatItHas(loaded)}. Add: export default pipeline('name', { steps: [...] })`);
  if (name !== undefined) {
    // The pipeline's own name first: it is the one that runs, queues and plans show.
    const named = pipelines.filter(({ pipeline }) => pipeline.name === name);
    const found = onlyOne(named) ?? pipelines.find((each) => each.exportName === name);
    if (found) return found;
    if (named.length) throw new UsageError(`${module} has several pipelines named '${name}' (${choices(named, module)})`);
    const known = new Set(pipelines.flatMap(({ exportName, pipeline }) => (exportName ? [exportName, pipeline.name] : [pipeline.name])));
    throw new UsageError(`${module} has no pipeline '${name}'${hint(name, known)}`);
  }
  const found = first.exportName === 'default' ? first : onlyOne(pipelines);
  if (found) return found;
  throw new UsageError(`${module} has several pipelines: name one of them (${choices(pipelines, module)}), or export one as default`);
}

const choices = (pipelines: readonly FoundPipeline[], module: string) =>
  pipelines.map(({ exportName, pipeline }) => `${module}#${exportName || pipeline.name}`).join(', ');

/** The first of the entries, if all are the same pipeline. */
function onlyOne(pipelines: readonly FoundPipeline[]): FoundPipeline | undefined {
  const first = pipelines[0];
  return pipelines.every(({ pipeline }) => pipeline === first?.pipeline) ? first : undefined;
}

function whatItHas({ exportNames }: LoadedModule): string {
  return exportNames.length ? `it exports ${exportNames.slice(0, 20).join(', ')}, none of them made by pipeline()` : 'it exports nothing';
}
