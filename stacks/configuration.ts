import { UsageError } from '../pipelines/errors.ts';
import { nameProblem } from '../pipelines/names.ts';
import { unknownProfile } from '../pipelines/resources.ts';
import { type FileData, fileSchema } from './schema.ts';
import { type SchemaProblem, schemaProblems } from './schema-problems.ts';
import { writeOutFile } from './short-forms.ts';
import { doubledKeys } from './stack-data.ts';
import { readYaml } from './yaml.ts';

/** flowyml.yaml: what it says, keys as in the file and short forms written out, and where. */
export interface Configuration {
  data: FileData;
  /** `file:line` of a key, or the file alone. */
  line(path: readonly PropertyKey[]): string;
}

/**
 * Reads flowyml.yaml.
 * @throws UsageError naming the file, the line and the key, with the nearest known one
 */
export function readConfiguration(text: string, file: string): Configuration {
  const { data: written, lineOf } = readYaml(text, file);
  const line = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length > 0; length--) {
      const found = lineOf(path.slice(0, length));
      if (found !== undefined) return `${file}:${found}`;
    }
    return file;
  };
  const data = writeOutFile(written);
  const found = schemaProblems(fileSchema, data);
  const problems = found.length ? found : furtherProblems(fileSchema.parse(data));
  if (problems.length) throw new UsageError(problems.map(({ path, message }) => `${line(path)}: ${message}`).join('\n'));
  return { data: fileSchema.parse(data), line };
}

/** What the schema cannot say. */
function furtherProblems({ stacks = {}, groups = {}, resources = {} }: FileData): SchemaProblem[] {
  const name = (what: string, section: string, key: string) => {
    const problem = nameProblem(what, key);
    return problem && !(what === 'resource profile' && key === 'default') ? [{ path: [section, key], message: problem }] : [];
  };
  return [
    ...Object.entries(stacks).flatMap(([key, stack]) => [
      ...name('stack', 'stacks', key),
      ...doubledKeys(stack).map(({ key: doubled, message }) => ({ path: ['stacks', key, doubled], message: `stack '${key}': ${message}` })),
    ]),
    ...Object.entries(groups).flatMap(([key, group]) => [
      ...name('group', 'groups', key),
      ...(typeof group.resources === 'string' && !Object.hasOwn(resources, group.resources)
        ? [{ path: ['groups', key, 'resources'], message: `group '${key}': ${unknownProfile(group.resources, Object.keys(resources))}` }]
        : []),
      ...((group.min_replicas ?? 0) > (group.replicas ?? Number.POSITIVE_INFINITY)
        ? [{ path: ['groups', key, 'min_replicas'], message: `group '${key}': min_replicas is above replicas` }]
        : []),
    ]),
    ...Object.keys(resources).flatMap((key) => name('resource profile', 'resources', key)),
  ];
}
