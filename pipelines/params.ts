import { z } from 'zod';
import { hooksOf } from './hooks.ts';
import type { JsonValue } from './json.ts';
import { hint } from './names.ts';
import type { AnyPipeline } from './pipeline.ts';
import { expandScheduled, type ScheduledTime } from './scheduled-params.ts';
import { describe, issues } from './schema.ts';

/** Params before they are parsed: the run's own over the pipeline's context. */
export function paramValues(pipeline: AnyPipeline, params: Record<string, JsonValue>): Record<string, JsonValue> {
  return { ...pipeline.options.context, ...params };
}

/** Params are checked where nothing may wait, and a refinement of the user's own may throw. */
function parse(type: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> {
  try {
    return type.safeParse(value);
  } catch (error) {
    return {
      success: false,
      error: new z.ZodError([{ code: 'custom', path: [], input: value, message: `its schema failed: ${(error as Error).message}` }]),
    };
  }
}

/** What is wrong with a run's params: unknown names, missing values, wrong types. Every problem, not only the first. */
export function paramProblems(pipeline: AnyPipeline, params: Record<string, JsonValue>): string[] {
  const declared = new Map<string, z.ZodType>();
  const steps = [...pipeline.steps, ...hooksOf(pipeline).map((hook) => hook.step)];
  for (const step of steps) for (const [name, type] of Object.entries(step.params)) declared.set(name, type);
  const known = [...new Set([...declared.keys(), ...Object.keys(pipeline.options.context ?? {})])];
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!known.includes(name)) problems.push(`unknown param '${name}'${known.length ? hint(name, known) : '; this pipeline takes none'}`);
  }
  const values = paramValues(pipeline, params);
  const said = new Set<string>();
  for (const step of steps) {
    for (const [name, type] of Object.entries(step.params)) {
      const given = Object.hasOwn(values, name);
      const outcome = parse(type, given ? values[name] : undefined);
      if (outcome.success) continue;
      const text = given
        ? issues(outcome.error).map((issue) => `param '${name}' of step '${step.name}': ${issue} (got ${JSON.stringify(values[name])})`)
        : [
            `param '${name}' (${describe(type)}) is missing: step '${step.name}' needs it; give it as a run's param or in the pipeline's context`,
          ];
      for (const line of text) if (!said.has(line)) problems.push(line);
      for (const line of text) said.add(line);
    }
  }
  return problems;
}

export interface ParamsAtTime {
  /** The run's own, with real values. */
  own: Record<string, JsonValue>;
  /** Those over the pipeline's context. */
  all: Record<string, JsonValue>;
  /** Whether any of them asks for the time. */
  timed: boolean;
  problems: string[];
}

/** A run's params as they are at the time that it stands for, and what is wrong with them. */
export function paramsAt(pipeline: AnyPipeline, params: Record<string, JsonValue>, time: ScheduledTime): ParamsAtTime {
  const own = expandScheduled(params, time);
  const all = expandScheduled(paramValues(pipeline, own.params), time);
  const problems = [...new Set([...own.problems, ...all.problems])];
  return {
    own: own.params,
    all: all.params,
    timed: own.expanded || all.expanded,
    problems: [...problems, ...paramProblems(pipeline, all.params)],
  };
}
