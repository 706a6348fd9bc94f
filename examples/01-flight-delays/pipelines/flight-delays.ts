import { setImmediate } from 'node:timers/promises';
import { metrics, model, pipeline, step, table } from 'flowyml';
import { z } from 'zod';
import { columnBatches } from '../src/batches.ts';
import { calibrationTable, cardText, decide, modelCard } from '../src/card.ts';
import { BUCKETS, bucketsOf, WIDTH } from '../src/crosses.ts';
import { baseRate, calibration, judge } from '../src/evaluation.ts';
import { type Example, type ExampleColumns, encode } from '../src/features.ts';
import { ALL_FLIGHTS, type Flight, plausible, readFlights } from '../src/flights.ts';
import { fit, predict } from '../src/logistic.ts';
import { minuteText, splitMinute, timeSpan } from '../src/split.ts';
import { packWeights, unpackWeights, type Weight } from '../src/weights.ts';

export const load = step(
  {
    name: 'load',
    description: 'Reads the flights from a Parquet file, one row group at a time, and leaves out errors of recording.',
    params: { rows: z.int().min(1).max(ALL_FLIGHTS).default(ALL_FLIGHTS).describe('how many flights, the earliest first') },
    outputs: { flights: table<Flight>() },
    group: 'data_ingest',
  },
  async function* ({ rows }, run) {
    let done = 0;
    let leftOut = 0;
    for await (const batch of readFlights(rows)) {
      const flights = plausible(batch);
      yield flights;
      done += batch.minute.length;
      leftOut += batch.minute.length - flights.minute.length;
      run.progress(done / rows, `${done.toLocaleString('en')} flights`);
    }
    run.log.info(`read ${done.toLocaleString('en')} flights, left out ${leftOut} as errors of recording`);
  },
);

export const features = step(
  {
    name: 'features',
    description: 'Encodes what is known when a flight leaves; the last days are held out.',
    inputs: { flights: table<Flight>() },
    params: {
      test_share: z.number().gt(0).lt(1).default(0.165).describe('the share of the days, the last ones, that are held out'),
      period_hours: z.int().min(1).max(6).default(3).describe('how exactly the model knows the time of departure'),
    },
    outputs: { train_set: table<Example>(), test_set: table<Example>() },
    group: 'data_ingest',
  },
  async ({ flights, test_share, period_hours }, run) => {
    const span = await timeSpan(columnBatches(flights));
    const split = splitMinute(span, test_share);
    run.log.info(`training until ${minuteText(split)}, held out until ${minuteText(span.last)}`);
    const encoded = async function* (keep: (minute: number) => boolean): AsyncGenerator<ExampleColumns> {
      for await (const batch of columnBatches(flights)) {
        const examples = encode(batch, keep, period_hours);
        if (examples.late.length) yield examples;
      }
    };
    return { train_set: encoded((minute) => minute < split), test_set: encoded((minute) => minute >= split) };
  },
);

export const train = step(
  {
    name: 'train',
    description: 'Fits a logistic regression over hashed pairs of features.',
    inputs: { train_set: table<Example>() },
    params: {
      epochs: z.int().min(1).default(6),
      learning_rate: z.number().positive().default(0.05),
      l2: z.number().min(0).default(1e-5),
      seed: z.int().default(1),
    },
    outputs: { classifier: model(table<Weight>(), { name: 'flight-delays' }) },
    group: 'training_cluster',
  },
  async ({ train_set, epochs, learning_rate, l2, seed }, run) => {
    const columns = await train_set.toColumns();
    const examples = { buckets: bucketsOf(columns), width: WIDTH, late: columns.late };
    const weights = new Float32Array(BUCKETS);
    let trainingLoss = Number.NaN;
    for (const { epoch, loss } of fit(weights, examples, { epochs, learningRate: learning_rate, l2, seed })) {
      trainingLoss = loss;
      run.metric('loss', loss, { step: epoch });
      run.progress(epoch / epochs, `epoch ${epoch} of ${epochs}`);
      run.log.info(`epoch ${epoch}: loss ${loss.toFixed(4)}`);
      await setImmediate(); // lets what was reported leave the process, and a cancel come in
      run.signal.throwIfAborted();
    }
    const data = packWeights(weights);
    const flights = columns.late.length;
    const base_rate = baseRate(columns.late);
    const properties = { epochs, learning_rate, l2, flights, base_rate, training_loss: trainingLoss, weights: data.weight.length };
    return { data, properties };
  },
);

export const evaluate = step(
  {
    name: 'evaluate',
    description: 'Judges the model by flights of days that it has not seen.',
    inputs: { classifier: model(table<Weight>()), test_set: table<Example>() },
    outputs: { evaluation: metrics(), calibration: calibrationTable },
    group: 'training_cluster',
  },
  async ({ classifier, test_set }, run) => {
    const weights = unpackWeights(await classifier.data.toColumns());
    const columns = await test_set.toColumns();
    const judged = { predicted: predict(weights, bucketsOf(columns), WIDTH), late: columns.late };
    const results = judge(judged, Number(classifier.properties.base_rate));
    for (const [name, value] of Object.entries(results)) run.metric(name, value);
    return { evaluation: { data: results, parent: classifier }, calibration: calibration(judged) };
  },
);

export const register = step(
  {
    name: 'register',
    description: 'Decides whether the model is worth keeping, and writes its card.',
    inputs: { classifier: model(table<Weight>()), evaluation: metrics(), calibration: calibrationTable },
    params: { min_auc: z.number().min(0).max(1).default(0.6) },
    outputs: { card: modelCard },
    group: 'registry',
  },
  ({ classifier, evaluation, calibration, min_auc }, run) => {
    const card = {
      model: classifier.name,
      ...decide(evaluation.data, min_auc),
      intended_use: 'an example: how likely a US flight of 2001 arrives more than 15 minutes late, told when it leaves the gate',
      limits: 'knows neither weather, airline nor schedule, and of no other year',
      trained_with: classifier.properties,
      held_out: evaluation.data,
      calibration,
    };
    run.log.info(cardText(card));
    return card;
  },
);

export default pipeline('flight_delays', {
  description: 'Predicts which of three million US flights arrive more than 15 minutes late.',
  steps: [load, features, train, evaluate, register],
  groups: { training_cluster: { resources: { cpu: 1, memory: '1Gi' } } },
});
