import type { RecordBatch, Schema, Table } from 'apache-arrow';
import type { Row, TableValue } from '../pipelines/values.ts';
import { loadArrow } from './arrow.ts';
import { columnValues, joined, rowOf } from './column-values.ts';
import type { ArtifactStore, BlobId } from './store.ts';

/** A table in a store. Nothing is read before one of its methods is called; each call reads anew, and verifies. */
export class StoredTable implements TableValue<Row> {
  readonly numRows: number;
  private readonly store: ArtifactStore;
  private readonly blob: BlobId;

  constructor(store: ArtifactStore, blob: BlobId, numRows: number) {
    this.numRows = numRows;
    this.store = store;
    this.blob = { sha256: blob.sha256, size: blob.size };
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    const { RecordBatchReader } = await loadArrow();
    const bytes = new Feed(this.store.open(this.blob));
    try {
      const reader = await RecordBatchReader.from(bytes);
      for await (const batch of reader) {
        bytes.check();
        if (batch.numRows) yield batch;
      }
    } catch (error) {
      // Bytes that make no sense to Arrow are most likely damaged: that is the better message.
      await bytes.rest();
      throw error;
    } finally {
      await bytes.close();
    }
    await bytes.rest();
  }

  async schema(): Promise<Schema> {
    const { RecordBatchReader } = await loadArrow();
    const bytes = new Feed(this.store.open(this.blob));
    try {
      const reader = await RecordBatchReader.from(bytes);
      await reader.open();
      bytes.check();
      return reader.schema;
    } finally {
      await bytes.close();
    }
  }

  async toArrow(): Promise<Table> {
    const { Table } = await loadArrow();
    const batches: RecordBatch[] = [];
    for await (const batch of this.batches()) batches.push(batch);
    return batches.length ? new Table(batches) : new Table(await this.schema());
  }

  async toColumns(): Promise<Record<string, ArrayLike<unknown>>> {
    const arrow = await loadArrow();
    const pieces = new Map((await this.schema()).fields.map(({ name }) => [name, [] as ArrayLike<unknown>[]]));
    for await (const batch of this.batches()) {
      for (const [i, { name }] of batch.schema.fields.entries()) {
        const data = batch.data.children[i];
        if (data) pieces.get(name)?.push(columnValues(arrow, data));
      }
    }
    return Object.fromEntries([...pieces].map(([name, values]) => [name, joined(values)]));
  }

  async toArray(): Promise<Row[]> {
    const arrow = await loadArrow();
    const rows: Row[] = [];
    for await (const batch of this.batches()) {
      const columns = batch.schema.fields.map(({ name }, i): [string, ArrayLike<unknown>] => {
        const data = batch.data.children[i];
        return [name, data ? columnValues(arrow, data) : []];
      });
      for (let i = 0; i < batch.numRows; i++) rows.push(rowOf(columns, i));
    }
    return rows;
  }
}

/**
 * Bytes for Arrow's reader, which takes an error of its source for the end of it, and never asks for what follows the
 * mark of the end: without this, damaged bytes would make a shorter table.
 */
class Feed implements AsyncIterable<Uint8Array> {
  private readonly source: AsyncIterator<Uint8Array>;
  private failure: { error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    // Without `return`: it is this class that ends the source.
    return { next: () => this.next() };
  }

  /** Throws what the source threw. */
  check(): void {
    if (this.failure) throw this.failure.error;
  }

  /** Reads to the end, where the store compares the hash. */
  async rest(): Promise<void> {
    while (!(await this.next()).done);
    this.check();
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }

  private async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.source.next();
    } catch (error) {
      this.failure ??= { error };
      return { done: true, value: undefined };
    }
  }
}
