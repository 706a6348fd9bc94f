import { z } from 'zod';
import { hint } from '../pipelines/names.ts';
import { isPriority, NO_PRIORITY } from '../pipelines/priority.ts';
import { issues } from '../pipelines/schema.ts';
import { timeZoneProblem } from '../pipelines/time-zones.ts';
import { stackProblems } from '../stacks/stack-object.ts';

const schema = z.strictObject({
  params: z.record(z.string(), z.json()).optional(),
  stack: z.union([z.string(), z.looseObject({})], { error: 'expected the name of a stack, or a stack as an object' }).optional(),
  executor: z.string().optional(),
  orchestrator: z.string().optional(),
  resources: z.looseObject({}).optional(),
  docker: z.looseObject({}).optional(),
  images: z.record(z.string(), z.string()).optional(),
  cache: z.union([z.boolean(), z.literal('refresh')]).optional(),
  recompute: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  experiment: z.string().optional(),
  project: z.string().optional(),
  priority: z.custom(isPriority, { error: ({ input }) => `${JSON.stringify(input)} ${NO_PRIORITY}` }).optional(),
  codeHash: z.string().optional(),
  debug: z.boolean().optional(),
  resumeFrom: z.string().optional(),
  forceFrom: z.string().optional(),
  scheduledTime: z.iso.datetime({ offset: true }).optional(),
  timezone: z.string().optional(),
});

const FIELDS = Object.keys(schema.shape);

/** What is wrong with a run's request, which may come from a program in any language. */
export function requestProblems(request: unknown): string[] {
  const outcome = schema.safeParse(request);
  if (!outcome.success) {
    const unknown = outcome.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
    );
    const rest = issues(
      new z.ZodError(outcome.error.issues.filter((issue) => issue.code !== 'unrecognized_keys' || issue.path.length > 0)),
    );
    return [
      ...unknown.map((key) => `the run's request has an unknown field '${key}'${hint(key, FIELDS)}`),
      ...rest.map((line) => `the run's request: ${line}`),
    ];
  }
  const problems: string[] = [];
  if (outcome.data.forceFrom !== undefined && outcome.data.resumeFrom === undefined)
    problems.push("forceFrom goes with resumeFrom: which run's steps are to be taken over?");
  const zone = outcome.data.timezone === undefined ? undefined : timeZoneProblem(outcome.data.timezone);
  if (zone) problems.push(`timezone: ${zone}`);
  if (typeof outcome.data.stack === 'object') problems.push(...stackProblems(outcome.data.stack, 'stack'));
  // PostgreSQL keeps neither in text: say so here, rather than fail when the run's row is written.
  if (strings(outcome.data).some((text) => /[\0\p{Surrogate}]/u.test(text)))
    problems.push('a param or tag holds a NUL character or half of a surrogate pair, which cannot be kept');
  return problems;
}

/** Every string in a value, keys included. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...strings(each)]);
}
