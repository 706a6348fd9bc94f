import { type RecordBatch, Table, tableFromArrays } from 'apache-arrow';
import type { TableValue } from 'flowyml';

type Row = Record<string, unknown>;
type Columns<R extends Row> = { [C in keyof R]: ArrayLike<R[C]> };

/** What a step would receive of the columns that another returned: a table of an Arrow batch for each. */
export async function tableOf<R extends Row>(chunks: Iterable<Columns<R>> | AsyncIterable<Columns<R>>): Promise<TableValue<R>> {
  const batches: RecordBatch[] = [];
  for await (const chunk of chunks) batches.push(...(tableFromArrays(chunk as unknown as Record<string, Int32Array>) as Table).batches);
  const whole = new Table(batches);
  return {
    numRows: batches.reduce((sum, batch) => sum + batch.numRows, 0),
    async *batches() {
      yield* batches;
    },
    schema: async () => whole.schema,
    toArrow: async () => whole,
    async toColumns() {
      return Object.fromEntries(whole.schema.fields.map(({ name }) => [name, whole.getChild(name)?.toArray()])) as Columns<R>;
    },
    toArray: async () => whole.toArray().map((row) => row.toJSON() as R),
  };
}
