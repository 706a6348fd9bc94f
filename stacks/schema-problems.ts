import { z } from 'zod';
import { hint } from '../pipelines/names.ts';

/** What is wrong with a value, and where in it. */
export interface SchemaProblem {
  path: PropertyKey[];
  message: string;
}

// Names that the seeds' diagrams have, and that are something else here.
const WORKERS = "start 'flowyml worker --group G' on the other machine, and leave the executor 'local'";
const TEMPORAL = 'Temporal runs every pipeline: leave the orchestrator out';
const ELSEWHERE: Record<string, Record<string, string>> = {
  metadata_store: {
    sqlite:
      "what runs made is kept in PostgreSQL, by which workers on several machines agree: leave it out for the embedded one, or use 'postgresql'",
    mysql: "what runs made is kept in PostgreSQL: use 'postgresql'",
  },
  orchestrator: { kubeflow: TEMPORAL, airflow: TEMPORAL, local: TEMPORAL, none: TEMPORAL },
  executor: {
    remote: WORKERS,
    kubernetes: "this version starts no pods: run 'flowyml worker --group G' in a Deployment of your own, and leave the executor 'local'",
    aws_batch: `this version starts no AWS Batch jobs: ${WORKERS}`,
    sagemaker: `this version starts no SageMaker jobs: ${WORKERS}`,
  },
};

/** What a schema says about a value, in words for a person: unknown keys and kinds with what may be meant. */
export function schemaProblems(schema: z.ZodType, value: unknown): SchemaProblem[] {
  const outcome = schema.safeParse(value);
  return outcome.success ? [] : outcome.error.issues.flatMap((issue) => problemsOf(schema, value, issue));
}

function problemsOf(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue): SchemaProblem[] {
  const path = [...issue.path];
  const place = path.length ? ` in ${placeOf(path)}` : '';
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key '${key}'${place}${hint(key, keysAt(schema, value, path))}`,
    }));
  const given = valueAt(value, path);
  if (issue.code === 'invalid_union' && (issue as { note?: string }).note === 'No matching discriminator') {
    const options = (issue as { options?: unknown[] }).options?.map(String) ?? [];
    const kind = String(path.at(-2) ?? '');
    const reason = ELSEWHERE[kind]?.[String(given)];
    const what = [...(path.length > 1 ? [path.slice(0, -1).join('.')] : []), `type ${JSON.stringify(given)}`].join(': ');
    return [{ path, message: reason ? `${what} is not supported: ${reason}` : `${what} is unknown${hint(String(given), options)}` }];
  }
  // The first choice of a union is the one that is spelled out.
  if (issue.code === 'invalid_union') {
    const [first] = issue.errors;
    if (typeof given === 'object' && first)
      return first.flatMap((each) => problemsOf(schema, value, { ...each, path: [...path, ...each.path] } as z.core.$ZodIssue));
  }
  return [{ path, message: `${path.join('.') || 'the file'}: ${plainly(issue.message)}` }];
}

const SECTIONS: Record<string, string> = { stacks: 'stack', groups: 'group', resources: 'resource profile' };

/** `stack 'prod', artifact_store` for `stacks.prod.artifact_store`. */
function placeOf([section, name, ...rest]: readonly PropertyKey[]): string {
  const kind = SECTIONS[String(section)];
  if (!kind || name === undefined) return [section, ...(name === undefined ? [] : [name]), ...rest].join('.');
  return [`${kind} '${String(name)}'`, ...(rest.length ? [rest.join('.')] : [])].join(', ');
}

/** Zod's words in those of YAML. */
const plainly = (message: string) =>
  message
    .replace(/^Invalid input: /, '')
    .replace(/expected (record|object)/, 'expected a mapping (lines of `name: value`)')
    .replace(/received (null|undefined)/, 'received nothing');

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), value);

/** The keys that a schema knows at a place of a value. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  let at: z.ZodType | undefined = schema;
  for (let i = 0; at; ) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.unwrap() as z.ZodType;
    else if (at instanceof z.ZodUnion) at = chosen(at, valueAt(value, path.slice(0, i)));
    else if (i === path.length) return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
    else if (at instanceof z.ZodObject) at = at.shape[String(path[i++])];
    else if (at instanceof z.ZodRecord) {
      at = at.valueType as z.ZodType;
      i++;
    } else return [];
  }
  return [];
}

function chosen(union: z.ZodUnion, value: unknown): z.ZodType | undefined {
  const type = (value as { type?: unknown } | undefined)?.type;
  const options = union.options as z.ZodType[];
  return (
    options.find((each) => each instanceof z.ZodObject && (each.shape.type as z.ZodType | undefined)?.safeParse(type).success) ?? options[0]
  );
}
