import { logLoss } from './logistic.ts';

/** Predictions beside what happened: 1 = late. */
export interface Judged {
  predicted: Float32Array;
  late: ArrayLike<number>;
}

/** One row of a calibration table: flights with like predictions, what was predicted, and what happened. */
export interface CalibrationBin {
  flights: number;
  /** The least and the greatest prediction in the bin. */
  from: number;
  to: number;
  /** The mean prediction. */
  predicted: number;
  /** The share that was late. */
  observed: number;
}

/** All figures about a model, beside those of who only knows `trainedRate`, the share of late flights in training. */
export function judge(judged: Judged, trainedRate: number) {
  const rate = baseRate(judged.late);
  return {
    flights: judged.late.length,
    auc: auc(judged),
    log_loss: meanLogLoss(judged),
    log_loss_of_base_rate: constantLogLoss(trainedRate, rate),
    base_rate: rate,
    accuracy: accuracy(judged),
    accuracy_of_always_on_time: 1 - rate,
  };
}

/** The share of late flights. */
export function baseRate(late: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < late.length; i++) count += late[i] as number;
  return count / late.length;
}

/**
 * The area under the ROC curve: how often a late flight has a higher prediction than one on time, a tie being half.
 * NaN where one of the two is missing.
 */
export function auc({ predicted, late }: Judged): number {
  // Without a comparator typed arrays are sorted natively, twenty times as fast as an index by its scores.
  const positives = predicted.filter((_, i) => late[i] === 1).sort();
  const negatives = predicted.filter((_, i) => late[i] !== 1).sort();
  let below = 0;
  let upTo = 0;
  let wins = 0;
  for (const score of positives) {
    while (below < negatives.length && (negatives[below] as number) < score) below++;
    if (upTo < below) upTo = below;
    while (upTo < negatives.length && (negatives[upTo] as number) === score) upTo++;
    wins += below + (upTo - below) / 2;
  }
  return wins / (positives.length * negatives.length);
}

/** The mean log loss; lower is better. */
export function meanLogLoss({ predicted, late }: Judged): number {
  let sum = 0;
  for (let i = 0; i < predicted.length; i++) sum += logLoss(predicted[i] as number, late[i] === 1);
  return sum / predicted.length;
}

/** The log loss of who says the same probability for every flight. */
export const constantLogLoss = (probability: number, rate: number) =>
  rate * logLoss(probability, true) + (1 - rate) * logLoss(probability, false);

/** How often `predicted > 0.5` is right. */
export function accuracy({ predicted, late }: Judged): number {
  let right = 0;
  for (let i = 0; i < predicted.length; i++) if ((predicted[i] as number) > 0.5 === (late[i] === 1)) right++;
  return right / predicted.length;
}

/** Flights in order of their predictions, cut into bins of equal size. In each a good model predicts what is observed. */
export function calibration({ predicted, late }: Judged, bins = 10): CalibrationBin[] {
  const order = Uint32Array.from(predicted, (_, i) => i).sort((a, b) => (predicted[a] as number) - (predicted[b] as number));
  const table: CalibrationBin[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const rows = order.subarray(Math.round((bin * order.length) / bins), Math.round(((bin + 1) * order.length) / bins));
    const [first, last] = [rows[0], rows[rows.length - 1]];
    if (first === undefined || last === undefined) continue;
    let sum = 0;
    let lateFlights = 0;
    for (const row of rows) {
      sum += predicted[row] as number;
      lateFlights += late[row] as number;
    }
    const [from, to] = [predicted[first] as number, predicted[last] as number];
    table.push({ flights: rows.length, from, to, predicted: sum / rows.length, observed: lateFlights / rows.length });
  }
  return table;
}
