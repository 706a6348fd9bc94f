/** What a model learns from: for each row the buckets that are on (`width` of them), and whether it is positive. */
export interface Examples {
  buckets: Uint32Array;
  width: number;
  late: ArrayLike<number>;
}

export interface FitOptions {
  epochs: number;
  learningRate: number;
  /** How strongly weights are pulled to zero. */
  l2: number;
  seed: number;
}

export interface Epoch {
  /** Counts from 1. */
  epoch: number;
  /** The mean log loss, each example judged before it was learnt from. */
  loss: number;
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The log loss of one prediction. Bounded, so that one example that the model was sure about cannot make it infinite. */
export const logLoss = (p: number, positive: boolean) => -Math.log(Math.max(positive ? p : 1 - p, 1e-12));

/**
 * Logistic regression by stochastic gradient descent with AdaGrad: every weight has a step size of its own, which shrinks
 * with the gradients it has seen, so the weight of a small airport still learns when those of all flights are settled.
 * Changes `weights` in place and yields after each epoch. The same seed gives the same weights.
 */
export function* fit(weights: Float32Array, { buckets, width, late }: Examples, options: FitOptions): Generator<Epoch> {
  const { epochs, learningRate, l2, seed } = options;
  const seen = new Float32Array(weights.length).fill(1);
  const order = Uint32Array.from({ length: late.length }, (_, i) => i);
  const random = randomNumbers(seed);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // The rows come by date: learning them in that order would end on the last week's weather.
    shuffle(order, random);
    let loss = 0;
    for (const row of order) {
      const from = row * width;
      const to = from + width;
      let z = 0;
      for (let i = from; i < to; i++) z += weights[buckets[i] as number] as number;
      const p = sigmoid(z);
      const positive = late[row] === 1;
      loss += logLoss(p, positive);
      const error = p - (positive ? 1 : 0);
      for (let i = from; i < to; i++) {
        const b = buckets[i] as number;
        const w = weights[b] as number;
        const gradient = error + l2 * w;
        const total = (seen[b] as number) + gradient * gradient;
        seen[b] = total;
        weights[b] = w - (learningRate * gradient) / Math.sqrt(total);
      }
    }
    yield { epoch, loss: loss / order.length };
  }
}

/** For each row the probability that it is positive. */
export function predict(weights: ArrayLike<number>, buckets: Uint32Array, width: number): Float32Array {
  const out = new Float32Array(buckets.length / width);
  for (let row = 0, at = 0; row < out.length; row++) {
    let z = 0;
    for (let i = 0; i < width; i++) z += weights[buckets[at++] as number] as number;
    out[row] = sigmoid(z);
  }
  return out;
}

/** Numbers from 0 up to 1 that depend on the seed alone (the generator is mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates's shuffle, in place. */
function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
}
