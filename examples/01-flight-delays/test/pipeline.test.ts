import { compile, type JsonObject, type TableValue } from 'flowyml';
import { expect, it, vi } from 'vitest';
import pipeline, { evaluate, features, load, register, train } from '../pipelines/flight-delays.ts';
import type { ModelCard } from '../src/card.ts';
import type { CalibrationBin } from '../src/evaluation.ts';
import type { ExampleColumns } from '../src/features.ts';
import { type FlightColumns, readFlights } from '../src/flights.ts';
import { tableOf } from './tables.ts';

type Weights = { data: { bucket: Int32Array; weight: Float32Array }; properties: JsonObject };

const asset = <T>(data: T, properties: JsonObject = {}) => ({
  kind: 'model',
  name: 'flight-delays',
  version: undefined,
  properties,
  tags: {},
  data,
  sha256: '',
  toJSON: () => ({}),
});

vi.spyOn(console, 'info').mockReturnValue(); // where steps log to when called by hand

it('compiles, whatever the order of its steps', () => {
  const order = compile(pipeline, { project: 'examples', stack: 'local' }).steps.map(({ name }) => name);
  expect(order).toEqual(['load', 'features', 'train', 'evaluate', 'register']);
});

it('reads as many flights as asked for, the earliest first', async () => {
  const batches: FlightColumns[] = [];
  for await (const batch of readFlights(272_727 + 10)) batches.push(batch);
  expect(batches.map(({ minute }) => minute.length)).toEqual([272_727, 10]);
  const [first, second] = batches as [FlightColumns, FlightColumns];
  expect(new Date((first.minute[0] as number) * 60_000).toISOString()).toBe('2001-01-01T00:01:00.000Z');
  expect([first.delay[0], first.distance[0]]).toEqual([33, 2176]);
  expect(second.minute[0]).toBeGreaterThanOrEqual(first.minute.at(-1) as number);
});

it('trains on the first two weeks and judges by the days after them', async () => {
  const flights = await tableOf((await load.fn({ rows: 270_000 })) as AsyncIterable<FlightColumns>);
  const sets = (await features.fn({ flights, test_share: 1 / 6, period_hours: 3 })) as Record<string, AsyncIterable<ExampleColumns>>;
  const train_set = await tableOf(sets.train_set as AsyncIterable<ExampleColumns>);
  const test_set = await tableOf(sets.test_set as AsyncIterable<ExampleColumns>);
  expect(train_set.numRows + test_set.numRows).toBe(270_000);

  const { data, properties } = (await train.fn({ train_set, epochs: 2, learning_rate: 0.05, l2: 1e-5, seed: 1 })) as Weights;
  const weights: TableValue<{ bucket: number; weight: number }> = await tableOf([data]);
  const classifier = asset(weights, properties);
  const judged = (await evaluate.fn({ classifier, test_set })) as unknown as {
    evaluation: { data: Record<string, number> };
    calibration: CalibrationBin[];
  };
  const { auc = 0, log_loss = 1, base_rate = 0 } = judged.evaluation.data;
  expect(auc).toBeGreaterThan(0.6);
  expect(log_loss).toBeLessThan(judged.evaluation.data.log_loss_of_base_rate as number);
  expect(base_rate).toBeGreaterThan(0.1);

  const decided = (min_auc: number) =>
    register.fn({ classifier, evaluation: asset(judged.evaluation.data), calibration: judged.calibration, min_auc }) as ModelCard;
  expect(decided(0.6).decision).toBe('registered');
  expect(decided(0.99)).toMatchObject({ decision: 'rejected', reason: expect.stringContaining('below 0.99') });
});
