import type { TableValue } from 'flowyml';

type Row = Record<string, unknown>;

/** A table's columns, batch by batch, so that a table of any size is read in bounded memory. */
export async function* columnBatches<R extends Row>(table: TableValue<R>): AsyncGenerator<{ [C in keyof R]: ArrayLike<R[C]> }> {
  for await (const batch of table.batches()) {
    const columns = batch.schema.fields.map(({ name }) => [name, batch.getChild(name)?.toArray()]);
    yield Object.fromEntries(columns) as { [C in keyof R]: ArrayLike<R[C]> };
  }
}
