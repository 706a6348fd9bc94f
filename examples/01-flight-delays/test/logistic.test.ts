import { describe, expect, it } from 'vitest';
import { BUCKETS } from '../src/crosses.ts';
import { auc, baseRate, constantLogLoss, meanLogLoss } from '../src/evaluation.ts';
import { type Examples, fit, predict } from '../src/logistic.ts';
import { packWeights, unpackWeights } from '../src/weights.ts';

const OPTIONS = { epochs: 5, learningRate: 0.1, l2: 0, seed: 1 };
const LEVELS = 8;

/** Two features of eight values each (buckets 1 to 8 and 9 to 16); `chance` says how likely a row is positive. */
function examples(rows: number, chance: (a: number, b: number) => number, seed = 3): Examples {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const buckets = new Uint32Array(rows * 3);
  const late = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [Math.floor(random() * LEVELS), Math.floor(random() * LEVELS)];
    buckets.set([0, 1 + a, 1 + LEVELS + b], row * 3);
    late[row] = random() < chance(a, b) ? 1 : 0;
  }
  return { buckets, width: 3, late };
}

function fitted(data: Examples, options = OPTIONS): { weights: Float32Array; losses: number[] } {
  const weights = new Float32Array(1 + 2 * LEVELS);
  return { weights, losses: [...fit(weights, data, options)].map(({ loss }) => loss) };
}

it('weights come back as they were kept', () => {
  const weights = new Float32Array(BUCKETS);
  weights.set([0.5, 0, -2]);
  weights[BUCKETS - 1] = 3;
  expect(packWeights(weights).bucket).toEqual(Int32Array.of(0, 2, BUCKETS - 1));
  expect(unpackWeights(packWeights(weights)).every((w, b) => w === weights[b])).toBe(true);
});

describe('fit', () => {
  it('separates what can be separated', () => {
    const data = examples(4000, (a, b) => (a + b >= LEVELS ? 1 : 0));
    const unseen = examples(1000, (a, b) => (a + b >= LEVELS ? 1 : 0), 4);
    const { weights, losses } = fitted(data);
    expect(losses).toHaveLength(5);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
    expect(auc({ predicted: predict(weights, unseen.buckets, 3), late: unseen.late })).toBeGreaterThan(0.999);
  });

  it('beats the base rate on rows that it has not seen, and predicts the chances themselves', () => {
    const chance = (a: number) => 0.1 + 0.1 * a;
    const unseen = examples(20_000, chance, 4);
    const predicted = predict(fitted(examples(20_000, chance)).weights, unseen.buckets, 3);
    const rate = baseRate(unseen.late);
    expect(meanLogLoss({ predicted, late: unseen.late })).toBeLessThan(0.9 * constantLogLoss(rate, rate));
    for (let row = 0; row < 100; row++) {
      const a = (unseen.buckets[row * 3 + 1] as number) - 1;
      expect(Math.abs((predicted[row] as number) - chance(a))).toBeLessThan(0.08);
    }
  });

  it('learns only the base rate where there is nothing to learn', () => {
    const { weights } = fitted(examples(20_000, () => 0.2));
    const unseen = examples(5000, () => 0.2, 4);
    const judged = { predicted: predict(weights, unseen.buckets, 3), late: unseen.late };
    expect(Math.abs(auc(judged) - 0.5)).toBeLessThan(0.03);
    expect(baseRate(judged.predicted)).toBeCloseTo(0.2, 1);
  });

  it('gives the same weights for the same seed, others for another', () => {
    const data = examples(500, (a) => a / LEVELS);
    expect(fitted(data)).toEqual(fitted(data));
    expect(fitted(data, { ...OPTIONS, seed: 2 }).weights).not.toEqual(fitted(data).weights);
  });

  it('pulls weights to zero with l2', () => {
    const data = examples(2000, (a) => a / LEVELS);
    const size = (l2: number) => Math.hypot(...fitted(data, { ...OPTIONS, l2 }).weights);
    expect(size(0.1)).toBeLessThan(0.8 * size(0));
  });
});
