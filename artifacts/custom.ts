import type { ArtifactType } from '../pipelines/artifact-types.ts';
import { typeName } from '../pipelines/artifact-types.ts';
import { UsageError } from '../pipelines/errors.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { StoredBytes, saveBytes } from './bytes.ts';
import type { LoadContext, SaveContext } from './context.ts';

/** Keeps the bytes that the type's own `write` makes; what it throws is passed on. */
export async function saveCustom(type: ArtifactType, value: unknown, ctx: SaveContext): Promise<ArtifactRef> {
  // Whether the value fits was checked by the compiler, or is `write`'s to find out.
  return saveBytes(typeName(type), await materializerOf(type).write(value as never), ctx);
}

/** What the type's own `read` makes of the bytes. */
export async function loadCustom(type: ArtifactType, ref: ArtifactRef, ctx: LoadContext): Promise<unknown> {
  return materializerOf(type).read(new StoredBytes(ctx.store, ref));
}

function materializerOf(type: ArtifactType): NonNullable<ArtifactType['materializer']> {
  if (!type.materializer)
    throw new UsageError(`artifact type '${type.kind}' is not known: this worker may run an older version of flowyml`);
  return type.materializer;
}
