import { type Document, isMap, isPair, isScalar, visit } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../pipelines/errors.ts';
import { isCount, isRate, NO_COUNT, NO_RATE } from '../pipelines/group-limits.ts';
import { hint, nameProblem } from '../pipelines/names.ts';
import { readYaml } from './yaml.ts';

const stack = z.looseObject({
  type: z.string().optional(),
  artifact_path: z.string().optional(),
  metadata_path: z.string().optional(),
});

const said = (problem: string) => ({ error: ({ input }: { input?: unknown }) => `${JSON.stringify(input)} ${problem}` });

const group = z.strictObject({
  max_concurrent: z.custom<number>(isCount, said(NO_COUNT)).optional(),
  max_per_second: z.custom<number>(isRate, said(NO_RATE)).optional(),
});

const schema = z.strictObject({
  project: z.string().optional(),
  pipelines: z.union([z.string(), z.array(z.string())], { error: 'expected a path or pattern, or a list of them' }).optional(),
  active_stack: z.string().optional(),
  stacks: z.record(z.string(), stack).optional(),
  groups: z.record(z.string(), group).optional(),
});

/** flowyml.yaml as it stands, keys as in the file. */
export type Configuration = z.infer<typeof schema>;

const LOCAL_KEYS = Object.keys(stack.shape);
const GROUP_KEYS = Object.keys(group.shape);

/**
 * Reads flowyml.yaml.
 * @throws UsageError naming the file, the line and the key, with the nearest known one
 */
export function readConfiguration(text: string, file: string): Configuration {
  const { data, document, line: lineOf } = readYaml(text, file);
  const line = (path: readonly PropertyKey[]) => {
    const offset = position(document, path);
    return offset === undefined ? file : `${file}:${lineOf(offset)}`;
  };
  const outcome = schema.safeParse(data);
  const problems = outcome.success
    ? [...localStackProblems(outcome.data, line), ...groupNameProblems(outcome.data, line)]
    : outcome.error.issues.flatMap((issue) => {
        if (issue.code === 'unrecognized_keys')
          return issue.keys.map((key) => `${line([...issue.path, key])}: unknown key '${key}'${place(issue.path, key)}`);
        return [`${line(issue.path)}: ${issue.path.join('.') || 'the file'}: ${plainly(issue.message)}`];
      });
  if (!outcome.success || problems.length) throw new UsageError(problems.join('\n'));
  return outcome.data;
}

/** Where an unknown key stands, and what it may be instead. */
const place = ([section, name]: readonly PropertyKey[], key: string) =>
  section === 'groups' ? ` in group '${String(name)}'${hint(key, GROUP_KEYS)}` : hint(key, Object.keys(schema.shape));

/** Zod's words in those of YAML. */
const plainly = (message: string) =>
  message
    .replace(/^Invalid input: /, '')
    .replace(/expected (record|object)/, 'expected a mapping (lines of `name: value`)')
    .replace(/received null/, 'received nothing');

/** Local stacks are read whole by this version, so a key that it does not know is a mistake. */
function localStackProblems(configuration: Configuration, line: (path: readonly PropertyKey[]) => string): string[] {
  return Object.entries(configuration.stacks ?? {}).flatMap(([name, keys]) => {
    const badName = nameProblem('stack', name);
    if (badName) return [`${line(['stacks', name])}: ${badName}`];
    if ((keys.type ?? 'local') !== 'local') return [];
    return Object.keys(keys)
      .filter((key) => !LOCAL_KEYS.includes(key))
      .map((key) => `${line(['stacks', name, key])}: unknown key '${key}' in stack '${name}'${hint(key, LOCAL_KEYS)}`);
  });
}

function groupNameProblems(configuration: Configuration, line: (path: readonly PropertyKey[]) => string): string[] {
  return Object.keys(configuration.groups ?? {}).flatMap((name) => {
    const problem = nameProblem('group', name);
    return problem ? [`${line(['groups', name])}: ${problem}`] : [];
  });
}

function position(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair(_, pair, ancestors) {
      const keys = [...ancestors, pair].flatMap((node) => (isPair(node) && isScalar(node.key) ? [String(node.key.value)] : []));
      if (keys.length === path.length && keys.every((key, i) => key === String(path[i])) && isScalar(pair.key)) {
        found = pair.key.range?.[0];
        return visit.BREAK;
      }
      return isMap(pair.value) ? undefined : visit.SKIP;
    },
  });
  return found;
}
