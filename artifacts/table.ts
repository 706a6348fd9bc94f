import type { RecordBatch, Schema } from 'apache-arrow';
import type { ArtifactRef } from '../pipelines/run-result.ts';
import { type Arrow, loadArrow } from './arrow.ts';
import { ColumnProblem } from './column-types.ts';
import type { SaveContext } from './context.ts';
import { formatCount, shorten } from './describe.ts';
import { outputInvalid } from './invalid.ts';
import { conformed } from './table-conform.ts';
import { batchesFrom } from './table-source.ts';

/** Keeps a table in Arrow's IPC stream format; see `TableSource` for what it may be. Batch by batch: memory holds one. */
export async function saveTable(value: unknown, { store, output }: SaveContext): Promise<ArtifactRef> {
  const arrow = await loadArrow();
  const written = new IpcStream(arrow);
  try {
    const { sha256, size, uri } = await store.put(written.from(conformed(arrow, batchesFrom(arrow, value))));
    return { sha256, type: 'table', size, uri, rows: written.rows, preview: previewOf(written.rows, written.schema) };
  } catch (error) {
    throw error instanceof ColumnProblem ? outputInvalid(output, error.place, error.message) : error;
  }
}

function previewOf(rows: number, schema: Schema | undefined): string {
  const names = schema?.fields.map(({ name }) => name) ?? [];
  const columns = `${formatCount(names.length)} ${names.length === 1 ? 'column' : 'columns'}`;
  return shorten(`${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'} × ${columns}${names.length ? ': ' : ''}${names.join(', ')}`);
}

/** Arrow's stream writer, drained after each batch: its own queue would grow as fast as batches come. */
class IpcStream {
  rows = 0;
  schema: Schema | undefined;
  private readonly arrow: Arrow;
  private readonly written: Uint8Array[] = [];

  constructor(arrow: Arrow) {
    this.arrow = arrow;
  }

  async *from(batches: AsyncIterable<RecordBatch>): AsyncGenerator<Uint8Array> {
    const { AsyncByteQueue, RecordBatchStreamWriter } = this.arrow;
    const sink = new AsyncByteQueue();
    sink.write = (chunk: Uint8Array) => void this.written.push(chunk);
    const writer = new RecordBatchStreamWriter();
    for await (const batch of batches) {
      if (!this.schema) writer.reset(sink, this.start(batch.schema));
      if (batch.numRows) writer.write(batch);
      this.rows += batch.numRows;
      yield* this.written.splice(0);
    }
    if (!this.schema) writer.reset(sink, this.start(new this.arrow.Schema([])));
    writer.finish();
    yield* this.written.splice(0);
  }

  private start(schema: Schema): Schema {
    this.schema = schema;
    return schema;
  }
}
