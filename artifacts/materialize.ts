import type { z } from 'zod';
import { type ArtifactType, isArtifactType, type OutputType, typeName } from '../pipelines/artifact-types.ts';
import { ArtifactCorrupt, UsageError } from '../pipelines/errors.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { loadAsset, saveAsset } from './assets.ts';
import { StoredBytes, saveBytes } from './bytes.ts';
import type { LoadContext, SaveContext } from './context.ts';
import { loadCustom, saveCustom } from './custom.ts';
import { loadDirectory, saveDirectory } from './directory.ts';
import { loadFile, saveFile } from './files.ts';
import { loadJson, saveJson } from './json.ts';
import { saveTable } from './table.ts';
import { StoredTable } from './table-value.ts';

export type { LoadContext, SaveContext } from './context.ts';

/**
 * Validates what a step returned for an output, keeps its bytes, and gives the reference to them.
 * Throws `OutputInvalid` naming the output and the place in it, `ServiceUnavailable` where the store fails, and
 * whatever an iterable that the step returned throws.
 */
export async function saveOutput(type: OutputType, value: unknown, ctx: SaveContext): Promise<ArtifactRef> {
  if (!isArtifactType(type)) return saveJson(zodSchema(type, `output '${ctx.output}'`), value, ctx);
  if (isAsset(type)) return saveAsset(type, value, ctx, saveOutput);
  switch (type.kind) {
    case 'table':
      return saveTable(value, ctx);
    case 'bytes':
      return saveBytes('bytes', value, ctx);
    case 'file':
      return saveFile(value, ctx);
    case 'directory':
      return saveDirectory(value, ctx);
    default:
      return saveCustom(type, value, ctx);
  }
}

/**
 * What a step receives for an input. Tables and bytes are read only when the step asks for them; files and folders are
 * copies of the step's own. Throws `ArtifactCorrupt`, `ServiceUnavailable`, or `UsageError` where the artifact is of another type.
 */
export async function loadInput(type: OutputType, ref: ArtifactRef, ctx: LoadContext): Promise<unknown> {
  if (typeName(type) !== ref.type)
    throw new UsageError(`input '${ctx.input}' is declared as ${typeName(type)}, and the artifact is ${ref.type}`);
  if (!isArtifactType(type)) return loadJson(zodSchema(type, `input '${ctx.input}'`), ref, ctx);
  if (isAsset(type)) return loadAsset(type, ref, ctx, loadInput);
  switch (type.kind) {
    case 'table':
      return new StoredTable(ctx.store, ref, rowsOf(ref));
    case 'bytes':
      return new StoredBytes(ctx.store, ref);
    case 'file':
      return loadFile(type, ref, ctx);
    case 'directory':
      return loadDirectory(ref, ctx);
    default:
      return loadCustom(type, ref, ctx);
  }
}

function rowsOf({ rows, sha256 }: ArtifactRef): number {
  if (rows === undefined) throw new ArtifactCorrupt(`the reference to table ${sha256} does not say how many rows it has`);
  return rows;
}

const isAsset = (type: ArtifactType): boolean => type.asset !== undefined || type.of !== undefined;

function zodSchema(type: z.ZodType, what: string): z.ZodType {
  if (typeof type?.safeEncodeAsync === 'function') return type;
  throw new UsageError(
    `${what} is declared with something that is neither a zod schema (of zod 4.1 or newer, and not of zod/mini) nor an artifact type`,
  );
}
