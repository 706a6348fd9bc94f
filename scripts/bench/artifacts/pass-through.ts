import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { loadInput, saveOutput } from '../../../artifacts/materialize.ts';
import { bytes, file, type OutputType, table } from '../../../pipelines/artifact-types.ts';
import type { ArtifactRef } from '../../../pipelines/run-result.ts';
import type { BytesValue, TableValue } from '../../../pipelines/values.ts';
import { localStore } from '../../../stacks/local-store.ts';
import { answer } from '../helper.ts';

// A process of its own for each kind, as a step has one: its memory is that of one artifact.

export type Kind = 'file' | 'bytes' | 'table';

export interface Way {
  kind: Kind;
  /** What is kept by `file` and `bytes`; a table is made as large. */
  source: string;
  size: number;
  /** A folder of this artifact's own. */
  folder: string;
}

/** In seconds. */
export interface Took {
  kept: number;
  fetched: number;
}

interface Passage {
  type: OutputType;
  /** What a step returns. */
  made(way: Way): unknown;
  /** Uses what a step receives; gives the bytes seen. */
  used(value: never): Promise<number>;
}

const ROWS = 65_536;
const COLUMNS = 8;
const ROW_BYTES = 8 * COLUMNS;

const passages: Record<Kind, Passage> = {
  file: { type: file(), made: ({ source }) => source, used: async (path: string) => (await stat(path)).size },
  bytes: {
    type: bytes(),
    made: ({ source }) => createReadStream(source),
    async used(value: BytesValue) {
      let seen = 0;
      for await (const chunk of value.stream()) seen += chunk.length;
      return seen;
    },
  },
  table: {
    type: table(),
    made: ({ size }) => batches(size),
    async used(value: TableValue) {
      let rows = 0;
      for await (const batch of value.batches()) rows += batch.numRows;
      return rows * ROW_BYTES;
    },
  },
};

/** The same numbers again and again: to make others would be part of the figure. */
async function* batches(size: number): AsyncGenerator<Record<string, Float64Array>> {
  const length = Math.min(ROWS, size / ROW_BYTES);
  const columns = Array.from({ length: COLUMNS }, (_, column) => [`c${column}`, Float64Array.from({ length }, Math.random)] as const);
  for (let made = 0; made < size; made += length * ROW_BYTES) yield Object.fromEntries(columns);
}

answer(async (way: Way): Promise<Took> => {
  const { type, made, used } = passages[way.kind];
  const store = localStore(`${way.folder}/store`);
  const workDir = `${way.folder}/work`;
  await mkdir(workDir, { recursive: true });
  const from = performance.now();
  const ref: ArtifactRef = await saveOutput(type, made(way), { store, workDir, output: 'large' });
  const between = performance.now();
  const seen = await used((await loadInput(type, ref, { store, workDir, input: 'large' })) as never);
  const to = performance.now();
  if (seen < way.size) throw new Error(`${way.kind}: ${seen} bytes came back of ${way.size}`);
  return { kept: (between - from) / 1000, fetched: (to - between) / 1000 };
});
