import type { z } from 'zod';
import { describeValue, type Path, pathText } from './describe.ts';

type Issue = z.core.$ZodIssue;
type Def = Record<string, unknown> & { type: string };

const MOST_ISSUES = 10;
const decoding = new WeakMap<z.ZodType, boolean>();

/** Whether values of this schema differ from what is stored: a codec, a transform, a default, a coercion somewhere in it. */
export function needsDecoding(schema: z.ZodType): boolean {
  let needs = decoding.get(schema);
  if (needs === undefined) {
    needs = changesValues(schema, new Set());
    decoding.set(schema, needs);
  }
  return needs;
}

function changesValues(schema: z.core.$ZodType, seen: Set<unknown>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  const def = schema._zod.def as unknown as Def;
  if (['transform', 'default', 'prefault', 'catch'].includes(def.type) || 'reverseTransform' in def || def.coerce === true) return true;
  if (checksOf(def).some((check) => check._zod.def.check === 'overwrite')) return true;
  if (def.type === 'lazy') return changesValues((schema as z.core.$ZodLazy)._zod.innerType, seen);
  return Object.entries(def).some(([key, part]) => key !== 'checks' && schemasIn(part).some((inner) => changesValues(inner, seen)));
}

const checksOf = (def: Def): z.core.$ZodCheck[] => (Array.isArray(def.checks) ? (def.checks as z.core.$ZodCheck[]) : []);

/** The schemas that are a part of a schema's definition: an element, the members of a union, the fields of an object. */
function schemasIn(part: unknown): z.core.$ZodType[] {
  if (isSchema(part)) return [part];
  if (typeof part !== 'object' || part === null) return [];
  return Object.values(part).filter(isSchema);
}

const isSchema = (value: unknown): value is z.core.$ZodType => typeof value === 'object' && value !== null && '_zod' in value;

/** Problems found by zod, a line each: `at weight: expected number, received string`. */
export function issueLines(issues: readonly Issue[], value: unknown): string[] {
  const lines = issues.slice(0, MOST_ISSUES).map((issue) => issueLine(issue, value, []));
  return issues.length > MOST_ISSUES ? [...lines, `and ${issues.length - MOST_ISSUES} more`] : lines;
}

function issueLine(issue: Issue, value: unknown, above: Path): string {
  const path = [...above, ...issue.path];
  const place = path.length ? `at ${pathText(path)}: ` : '';
  if (issue.code === 'invalid_union' && issue.errors.length) {
    const alternatives = issue.errors.flatMap((errors) => errors.slice(0, 1).map((error) => issueLine(error, value, path)));
    return `${place}matches none of ${issue.errors.length} alternatives (${alternatives.slice(0, 4).join('; ')})`;
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return `${place}${issue.message}: ${issue.issues.map((inner) => inner.message).join(', ')}`;
  }
  const message = issue.message.replace(/^Invalid input: /, '');
  return place + message + (issue.code === 'unrecognized_keys' || message.includes('received ') ? '' : received(value, path));
}

function received(value: unknown, path: Path): string {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !(key in found)) return '';
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return `, received ${describeValue(found)}`;
}
