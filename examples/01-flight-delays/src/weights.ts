import { BUCKETS } from './crosses.ts';

/** A weight that is not zero: the form in which a model is kept. */
export type Weight = { bucket: number; weight: number };

/** The weights that are not zero, by column. */
export function packWeights(weights: Float32Array): { bucket: Int32Array; weight: Float32Array } {
  const bucket = Int32Array.from(weights.keys()).filter((b) => weights[b] !== 0);
  return { bucket, weight: Float32Array.from(bucket, (b) => weights[b] as number) };
}

/** All weights, the reverse of `packWeights()`. */
export function unpackWeights({ bucket, weight }: { bucket: ArrayLike<number>; weight: ArrayLike<number> }): Float32Array {
  const weights = new Float32Array(BUCKETS);
  for (let i = 0; i < bucket.length; i++) weights[bucket[i] as number] = weight[i] as number;
  return weights;
}
