import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { saveOutput } from '../../artifacts/materialize.ts';
import { isArtifactType, type OutputType } from '../../pipelines/artifact-types.ts';
import { OutputInvalid } from '../../pipelines/errors.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import type { Call } from './call-step.ts';

/** Validates and keeps what a step's function returned. */
export async function keepOutputs({ step, task, store }: Call, value: unknown): Promise<Record<string, ArtifactRef>> {
  const types = Object.entries(step.outputs);
  const save = (name: string, type: OutputType, data: unknown) => {
    if (isArtifactType(type)) mkdirSync(task.workDir, { recursive: true });
    return saveOutput(type, data, { store, workDir: task.workDir, output: name });
  };
  const [only] = types;
  if (!only) return value === undefined ? {} : undeclared(step.name, value, save);
  if (types.length === 1) return { [only[0]]: await save(only[0], only[1], value) };

  const names = types.map(([name]) => `'${name}'`).join(', ');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? 'an array' : String(value);
    throw new OutputInvalid(`step '${step.name}' must return an object with its outputs ${names}, not ${got}`);
  }
  const given = value as Record<string, unknown>;
  const missing = types.filter(([name]) => !Object.hasOwn(given, name)).map(([name]) => `'${name}'`);
  if (missing.length)
    throw new OutputInvalid(`step '${step.name}' returned no ${missing.join(', ')}: it must return an object with ${names}`);
  const extra = Object.keys(given).find((name) => !Object.hasOwn(step.outputs, name));
  if (extra !== undefined) throw new OutputInvalid(`step '${step.name}' returned '${extra}', which is not one of its outputs ${names}`);
  // One after the other: outputs that stream may share a source, and memory is for one at a time.
  const refs: Record<string, ArtifactRef> = {};
  for (const [name, type] of types) refs[name] = await save(name, type, given[name]);
  return refs;
}

/**
 * What a step without declared outputs returned is kept as output `result`. It was declared nowhere, so a value that is
 * no JSON is no mistake: the log says that it was not kept.
 */
async function undeclared(
  step: string,
  value: unknown,
  save: (name: string, type: OutputType, data: unknown) => Promise<ArtifactRef>,
): Promise<Record<string, ArtifactRef>> {
  try {
    return { result: await save('result', z.unknown(), value) };
  } catch (error) {
    console.warn(`the value that step '${step}' returned was not kept: ${(error as Error).message}`);
    return {};
  }
}
