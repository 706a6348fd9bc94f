import { asset, dataset, featureSet, file, metrics, model, pipeline, report, step, table } from 'flowyml';
import { z } from 'zod';

interface Flight {
  delay: number;
}

// An asset needs no step that makes it, and is typed by what it is said to be.
const score = step(
  { name: 'score', inputs: { detector: asset('fraud-detector@v3', model(file())), rows: table<Flight>() }, outputs: { auc: z.number() } },
  ({ detector, rows }) => {
    const path: string = detector.data;
    // error: not assignable to type 'number'
    const wrong: number = detector.data;
    return path.length + wrong + rows.numRows;
  },
);
const load = step({ name: 'load', outputs: { rows: table<Flight>() } }, () => [{ delay: 1 }]);
export const wired = pipeline('right', { steps: [score, load] });
// error: step 'score': no step produces input 'rows'
export const missing = pipeline('wrong', { steps: [score] });

// Nor is it matched with a step's output of the same name.
const other = step({ name: 'other', outputs: { detector: z.string() } }, () => 'x');
export const sameName = pipeline('right', { steps: [score, load, other] });

export const kinds = step(
  { name: 'kinds', inputs: { m: asset('scores', metrics()), d: asset('raw', dataset(table<Flight>())), r: asset('card', report()) } },
  async ({ m, d, r }) => [m.data.auc, (await d.data.toColumns()).delay, r.data.toUpperCase()],
);

// error: Expected 2 arguments
export const untyped = asset('fraud-detector@v3');

const features = step(
  { name: 'features', outputs: { features: featureSet(table<Flight>(), { name: 'features', immutable: true }), card: report() } },
  () => ({ features: { data: [{ delay: 1 }] }, card: { data: '<h1>Card</h1>', tags: { lang: 'en' } } }),
);
const train = step({ name: 'train', inputs: { features: featureSet(table<Flight>()) } }, ({ features }) => features.data.numRows);
export const made = pipeline('right', { steps: [features, train] });
const asDataset = step({ name: 'as_dataset', inputs: { features: dataset(table<Flight>()) } }, () => {});
// error: step 'as_dataset': input 'features' has another type
export const otherKind = pipeline('wrong', { steps: [features, asDataset] });
