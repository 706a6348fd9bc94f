import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { given } from '../pipelines/config-class.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import { isPriority, NO_PRIORITY, type RunPriority } from '../pipelines/priority.ts';
import { readYaml } from '../stacks/yaml.ts';

/** A whole number of at least `least`. Throws UsageError. */
export function wholeNumber(value: string | undefined, option: string, least = 1): number | undefined {
  if (value === undefined) return undefined;
  const n = Number(value);
  if (!Number.isInteger(n) || n < least)
    throw new UsageError(`${option}: ${JSON.stringify(value)} is not a whole number of at least ${least}`);
  return n;
}

/** A port, of at least `least`. Throws UsageError. */
export function port(value: string | undefined, option: string, least = 1): number | undefined {
  const n = wholeNumber(value, option, least);
  if (n !== undefined && n > 65_535) throw new UsageError(`${option}: ${n} is not a port: ports go up to 65535`);
  return n;
}

/** A run's priority. Throws UsageError. */
export function runPriority(value: string | undefined): RunPriority | undefined {
  if (value === undefined) return undefined;
  const n = Number(value);
  if (!value.trim() || !isPriority(n)) throw new UsageError(`--priority: ${JSON.stringify(value)} ${NO_PRIORITY}`);
  return n;
}

/** Params from a file, and those of `-p name=value` over them. Throws UsageError. */
export function readParams(pipeline: AnyPipeline, file: string | undefined, pairs: readonly string[]): Record<string, JsonValue> {
  const given = pairs.map((pair): [string, JsonValue] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`-p ${pair}: expected name=value`);
    const name = pair.slice(0, at);
    return [name, paramValue(pipeline, name, pair.slice(at + 1))];
  });
  return Object.fromEntries([...Object.entries(file === undefined ? {} : paramsFile(file)), ...given]);
}

function paramsFile(file: string): Record<string, JsonValue> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new UsageError(`--params ${file}: ${stats ? 'is not a file' : 'does not exist'}`);
  const { data } = readYaml(readText(file), `--params ${file}`);
  const outcome = z.record(z.string(), z.json()).safeParse(data);
  if (outcome.success) return outcome.data as Record<string, JsonValue>;
  const [name] = outcome.error.issues[0]?.path ?? [];
  throw new UsageError(
    `--params ${file}: ${name === undefined ? 'expected an object with a value for each param' : `the value of '${String(name)}' is none that JSON knows`}`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--params ${file}: cannot be read (${(error as Error).message})`, { cause: error });
  }
}

/** JSON where a schema that declares the param takes it, else the text itself. */
function paramValue(pipeline: AnyPipeline, name: string, text: string): JsonValue {
  const json = asJson(text);
  const types = pipeline.steps.flatMap((step) => (Object.hasOwn(step.params, name) ? [step.params[name]] : []));
  if (json === undefined) return text;
  const takes = (value: JsonValue) => types.every((type) => type?.safeParse(value).success);
  // Where neither fits, the message is about what was meant: a number that is out of range, not a string.
  if (!types.length || takes(json)) return json;
  return takes(text) ? text : json;
}

function asJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Where a run is to take place, as commands take it. */
export interface PlaceOptions {
  stack?: string;
  executor?: string;
  orchestrator?: string;
}

export const placeOptions = ({ stack, executor, orchestrator }: PlaceOptions): PlaceOptions =>
  given({ stack, executor, orchestrator }) as PlaceOptions;
