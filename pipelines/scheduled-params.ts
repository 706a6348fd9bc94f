import type { JsonValue } from './json.ts';
import { hint } from './names.ts';
import { isoSecond, localDate } from './time-zones.ts';

/** The time that a run was scheduled for. */
export interface ScheduledTime {
  /** ISO 8601. */
  time: string;
  /** Names the day; UTC unless given. */
  timezone?: string | undefined;
}

export interface ExpandedParams {
  params: Record<string, JsonValue>;
  /** Whether any of them asks for the time. */
  expanded: boolean;
  /** Names after `{{` that are almost ours. */
  problems: string[];
}

const VALUES: Record<string, (at: number, timezone: string) => string> = {
  scheduled_time: (at) => isoSecond(at),
  scheduled_date: localDate,
};

// Only what begins like ours: all other text in braces is the user's own.
const TEMPLATE = /\{\{\s*(scheduled[^{}]*?)\s*\}\}/gi;

/** Params with `{{ scheduled_time }}` and `{{ scheduled_date }}` filled in, wherever they stand in their strings. */
export function expandScheduled(params: Record<string, JsonValue>, { time, timezone = 'UTC' }: ScheduledTime): ExpandedParams {
  const at = Date.parse(time);
  const problems: string[] = [];
  let expanded = false;
  const walk = (value: JsonValue, param: string): JsonValue => {
    if (typeof value === 'string') {
      return value.replace(TEMPLATE, (text, name: string) => {
        const make = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
        expanded ||= make !== undefined;
        if (make) return make(at, timezone);
        problems.push(`param '${param}': ${text} is not known${hint(name, Object.keys(VALUES))}`);
        return text;
      });
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => walk(each, param));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each as JsonValue, param)]));
  };
  const entries = Object.entries(params).map(([name, value]) => [name, walk(value, name)] as const);
  return { params: Object.fromEntries(entries), expanded, problems };
}
