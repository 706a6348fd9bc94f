import { z } from 'zod';
import type { OutputType } from '../../pipelines/artifact-types.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import type { AnyStep } from '../../pipelines/step.ts';

/**
 * What a step without declared outputs returned, kept as output `result`. It was declared nowhere, so a value that is no
 * JSON is no mistake: the log says that it was not kept.
 */
export async function result(
  step: AnyStep,
  value: unknown,
  save: (name: string, type: OutputType, data: unknown) => Promise<ArtifactRef>,
): Promise<Record<string, ArtifactRef>> {
  try {
    return { result: await save('result', z.unknown(), value) };
  } catch (error) {
    console.warn(`the value that step '${step.name}' returned was not kept: ${(error as Error).message}`);
    return {};
  }
}
