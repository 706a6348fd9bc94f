import { ArtifactCorrupt } from '../pipelines/errors.ts';
import type { JsonValue } from '../pipelines/json.ts';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { collect } from './chunks.ts';
import { readJson, saveJsonValue } from './json.ts';
import type { ArtifactStore } from './store.ts';

/** A part as a manifest holds it: enough to read it from the store alone. */
type Part = Pick<ArtifactRef, 'sha256' | 'size' | 'rows' | 'value'>;

/**
 * One array out of the arrays that several references stand for, in their order, without copying them: a manifest that
 * lists them.
 */
export async function saveList(parts: readonly ArtifactRef[], ctx: { store: ArtifactStore; output: string }): Promise<ArtifactRef> {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  if (!parts.length) return saveJsonValue('json', [], { ...ctx, workDir: '' });
  const manifest: Part[] = parts.map(({ sha256, size, rows = 0, value }) => ({
    sha256,
    size,
    rows,
    ...(value === undefined ? {} : { value }),
  }));
  const rows = parts.reduce((sum, part) => sum + (part.rows ?? 0), 0);
  // In the store whatever its size: a manifest inside a reference would be taken for the array itself.
  const ref = await saveJsonValue('json', manifest, { ...ctx, workDir: '', inlineLimit: -1 });
  return { ...ref, rows, parts: parts.length, preview: `${rows.toLocaleString('en')} elements: ${parts[0]?.preview ?? ''}`.slice(0, 120) };
}

/** The parts that a list is made of. Throws `ArtifactCorrupt`. */
export async function partsOf(ref: ArtifactRef, store: ArtifactStore): Promise<Part[]> {
  const bytes = await collect(store.open(ref), ref.size);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as Part[];
}

/** The whole array that a manifest stands for. Throws `ArtifactCorrupt`. */
export async function readList(ref: ArtifactRef, store: ArtifactStore): Promise<JsonValue[]> {
  const all: JsonValue[] = [];
  for (const part of await partsOf(ref, store)) {
    const elements = await readJson({ ...part, type: 'json' }, store);
    if (!Array.isArray(elements) || elements.length !== part.rows)
      throw new ArtifactCorrupt(`part ${part.sha256} of list ${ref.sha256} is not the array it was`);
    for (const element of elements) all.push(element);
  }
  return all;
}
