import { describe, expect, it } from 'vitest';
import { accuracy, auc, baseRate, calibration, constantLogLoss, type Judged, meanLogLoss } from '../src/evaluation.ts';

/** Scores in `levels` steps, so that there are ties, and labels that lean towards high scores. */
function judged(rows: number, levels: number): Judged {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const predicted = Float32Array.from({ length: rows }, () => Math.floor(random() * levels) / levels);
  return { predicted, late: Uint8Array.from(predicted, (p) => (random() < 0.2 + p / 2 ? 1 : 0)) };
}

/** By its definition: all pairs of a late flight and one on time. */
function countedAuc({ predicted, late }: Judged): number {
  let wins = 0;
  let pairs = 0;
  predicted.forEach((p, i) => {
    predicted.forEach((q, j) => {
      if (late[i] !== 1 || late[j] !== 0) return;
      pairs++;
      wins += p > q ? 1 : p === q ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

describe('auc', () => {
  it.each([
    ['many ties', 4],
    ['some ties', 40],
    ['hardly any tie', 1_000_000],
  ])('counts as many pairs as a count of all pairs does: %s', (_, levels) => {
    const sample = judged(400, levels);
    expect(auc(sample)).toBeCloseTo(countedAuc(sample), 12);
  });

  it('is 1 for a perfect order, 0 for the reverse, a half where all scores are equal', () => {
    const late = Uint8Array.of(0, 0, 1, 1);
    expect(auc({ predicted: Float32Array.of(0.1, 0.2, 0.3, 0.4), late })).toBe(1);
    expect(auc({ predicted: Float32Array.of(0.4, 0.3, 0.2, 0.1), late })).toBe(0);
    expect(auc({ predicted: Float32Array.of(0.3, 0.3, 0.3, 0.3), late })).toBe(0.5);
  });

  it('is not a number where all flights were late', () => {
    expect(auc({ predicted: Float32Array.of(0.1, 0.2), late: Uint8Array.of(1, 1) })).toBeNaN();
  });
});

describe('calibration', () => {
  it('cuts into bins of equal size in order of the predictions, and loses no flight', () => {
    const sample = judged(1003, 1_000_000);
    const bins = calibration(sample);
    expect(bins).toHaveLength(10);
    expect(bins.every(({ flights }) => flights === 100 || flights === 101)).toBe(true);
    expect(bins.reduce((sum, { flights }) => sum + flights, 0)).toBe(1003);
    for (let i = 1; i < bins.length; i++) expect(bins[i]?.from).toBeGreaterThanOrEqual(bins[i - 1]?.to ?? 1);
    const observed = bins.reduce((sum, bin) => sum + bin.observed * bin.flights, 0) / 1003;
    expect(observed).toBeCloseTo(baseRate(sample.late), 12);
  });

  it('gives the means of what was predicted and of what happened', () => {
    const predicted = Float32Array.of(0.75, 0.25, 0.5, 0);
    expect(calibration({ predicted, late: Uint8Array.of(1, 0, 0, 1) }, 2)).toEqual([
      { flights: 2, from: 0, to: 0.25, predicted: 0.125, observed: 0.5 },
      { flights: 2, from: 0.5, to: 0.75, predicted: 0.625, observed: 0.5 },
    ]);
  });

  it('leaves out empty bins', () => {
    expect(calibration({ predicted: Float32Array.of(0.5), late: Uint8Array.of(1) })).toHaveLength(1);
  });
});

describe('log loss and accuracy', () => {
  it('match their definitions', () => {
    const sample = { predicted: Float32Array.of(0.75, 0.25), late: Uint8Array.of(1, 1) };
    expect(meanLogLoss(sample)).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, 12);
    expect(accuracy(sample)).toBe(0.5);
  });

  it('stay finite when a prediction was sure and wrong', () => {
    expect(meanLogLoss({ predicted: Float32Array.of(0), late: Uint8Array.of(1) })).toBeLessThan(30);
  });

  it('of a constant are those of predictions that are all that constant', () => {
    const late = Uint8Array.of(1, 0, 0, 0);
    expect(constantLogLoss(0.5, 0.25)).toBeCloseTo(meanLogLoss({ predicted: new Float32Array(4).fill(0.5), late }), 12);
  });
});
