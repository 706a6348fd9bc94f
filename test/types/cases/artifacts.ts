import { type Asset, bytes, dataset, directory, file, materializer, metrics, model, pipeline, step, table, type TableValue } from 'flowyml';
import { z } from 'zod';
import { exactly } from './exactly.ts';

interface Flight {
  delay: number;
  origin: string;
}

// What a step may return for each type.
const load = step({ name: 'load', outputs: { flights: table<Flight>() } }, () => [{ delay: 1, origin: 'JFK' }]);
export const columns = step({ name: 'columns', outputs: { flights: table<Flight>() } }, () => ({
  delay: new Float64Array(2),
  origin: ['JFK', 'SFO'],
}));
export const batches = step({ name: 'batches', outputs: { flights: table<Flight>() } }, async function* () {
  yield [{ delay: 1, origin: 'JFK' }];
});
// error: Type 'string' is not assignable to type 'number'
export const badRow = step({ name: 'bad_row', outputs: { flights: table<Flight>() } }, () => [{ delay: 'late', origin: 'JFK' }]);
export const badColumn = step({ name: 'bad_column', outputs: { flights: table<Flight>() } }, () => ({
  // error: Type 'string' is not assignable to type 'number'
  delay: ['late'],
  origin: ['JFK'],
}));
export const raw = step({ name: 'raw', outputs: { image: bytes() } }, () => new Uint8Array(3));
// error: Type 'string' is not assignable to type
export const badBytes = step({ name: 'bad_bytes', outputs: { image: bytes() } }, () => 'no bytes');
// error: Type 'number' is not assignable to type
export const badFile = step({ name: 'bad_file', outputs: { path: file() } }, () => 7);
const scores = step({ name: 'scores', outputs: { scores: metrics() } }, () => ({ auc: 0.9 }));
export const versioned = step({ name: 'versioned', outputs: { scores: metrics() } }, () => ({ data: { auc: 0.9 }, version: 'v1' }));
// error: Type 'string' is not assignable to type 'number'
export const badMetric = step({ name: 'bad_metric', outputs: { scores: metrics() } }, () => ({ auc: 'high' }));
const fit = step({ name: 'fit', outputs: { m: model(file()) } }, () => ({ data: '/tmp/weights', version: 'v1', properties: { depth: 3 } }));
// error: Property 'data' is missing
export const badAsset = step({ name: 'bad_asset', outputs: { m: model(file()) } }, () => ({ version: 'v1' }));

// What a step receives.
const useTable = step({ name: 'use_table', inputs: { flights: table<Flight>() } }, async ({ flights }) => {
  exactly<TableValue<Flight>>()(flights);
  exactly<Flight[]>()(await flights.toArray());
  exactly<ArrayLike<number>>()((await flights.toColumns()).delay);
});
const useModel = step({ name: 'use_model', inputs: { m: model() } }, ({ m }) => {
  exactly<Asset<string>>()(m);
  return m.data;
});
const useScores = step({ name: 'use_scores', inputs: { scores: metrics() } }, ({ scores }) =>
  exactly<number | undefined>()(scores.data.auc),
);
export const right = pipeline('right', { steps: [useTable, load, useModel, fit, scores, useScores] });

// Kinds.
const asData = step({ name: 'as_data', inputs: { m: dataset() } }, () => {});
const asFile = step({ name: 'as_file', inputs: { m: file() } }, () => {});
const asBytes = step({ name: 'as_bytes', inputs: { m: model(bytes()) } }, () => {});
const asJson = step({ name: 'as_json', inputs: { flights: z.array(z.object({ delay: z.number(), origin: z.string() })) } }, () => {});
const asFolder = step({ name: 'as_folder', inputs: { path: directory() } }, () => {});
const write = step({ name: 'write', outputs: { path: file() } }, () => '/tmp/x');
// error: step 'as_data': input 'm' has another type
export const modelIsNoDataset = pipeline('wrong', { steps: [fit, asData] });
// error: step 'as_file': input 'm' has another type
export const modelIsNoFile = pipeline('wrong', { steps: [fit, asFile] });
// error: step 'as_bytes': input 'm' has another type
export const modelOfAFileIsNotOfBytes = pipeline('wrong', { steps: [fit, asBytes] });
// error: step 'as_json': input 'flights' has another type
export const tableIsNoJson = pipeline('wrong', { steps: [load, asJson] });
// error: step 'as_folder': input 'path' has another type
export const fileIsNoDirectory = pipeline('wrong', { steps: [write, asFolder] });

// Rows.
const anyRows = step({ name: 'any_rows', inputs: { flights: table() } }, () => {});
const delays = step({ name: 'delays', inputs: { flights: table<{ delay: number }>() } }, () => {});
const textDelays = step({ name: 'text_delays', inputs: { flights: table<{ delay: string }>() } }, () => {});
const wide = step({ name: 'wide', inputs: { flights: table<Flight & { carrier: string }>() } }, () => {});
export const fewerColumns = pipeline('right', { steps: [load, anyRows, delays] });
// error: step 'text_delays': input 'flights' has another type
export const otherColumn = pipeline('wrong', { steps: [load, textDelays] });
// error: step 'wide': input 'flights' has another type
export const moreColumns = pipeline('wrong', { steps: [load, wide] });
const loadAny = step({ name: 'load_any', outputs: { flights: table() } }, () => [{ delay: 1 }]);
// error: step 'delays': input 'flights' has another type
export const unknownRows = pipeline('wrong', { steps: [loadAny, delays] });
const keep = step({ name: 'keep', outputs: { flown: dataset(table<Flight>()) } }, () => ({ data: [{ delay: 1, origin: 'JFK' }] }));
const anyData = step({ name: 'any_data', inputs: { flown: dataset() } }, ({ flown }) => flown.data.numRows);
const textData = step({ name: 'text_data', inputs: { flown: dataset(table<{ delay: string }>()) } }, () => {});
export const datasetOfAnyRows = pipeline('right', { steps: [keep, anyData] });
// error: step 'text_data': input 'flown' has another type
export const datasetOfOtherRows = pipeline('wrong', { steps: [keep, textData] });

// Types of one's own.
const image = materializer<{ pixels: number }>({ type: 'image/png', write: () => new Uint8Array(), read: () => ({ pixels: 1 }) });
const label = materializer<{ text: string }>({ type: 'label', write: () => new Uint8Array(), read: () => ({ text: '' }) });
const draw = step({ name: 'draw', outputs: { art: image } }, () => ({ pixels: 1 }));
const view = step({ name: 'view', inputs: { art: image } }, ({ art }) => exactly<number>()(art.pixels));
const read = step({ name: 'read', inputs: { art: label } }, ({ art }) => art.text);
export const custom = pipeline('right', { steps: [draw, view] });
// error: step 'read': input 'art' has another type
export const otherCustom = pipeline('wrong', { steps: [draw, read] });
