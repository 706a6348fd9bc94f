import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const BINS = 10;
const sample = z.array(z.number());
const churnModel = z.object({ version: z.string(), cutoff: z.number() });

/** Tenure in months, spread evenly over five years, and `shift` months longer. */
const tenures = (shift: number) => Array.from({ length: 600 }, (_, i) => (i / 10 + shift) % 60);

export const loadSamples = step(
  {
    name: 'load_samples',
    params: { shift: z.number().min(0).max(60).default(0).describe('by how many months the customers have changed') },
    outputs: { reference: sample, current: sample },
  },
  ({ shift }) => ({ reference: tenures(0), current: tenures(0).map((tenure) => Math.min(59, tenure + shift)) }),
);

export const measureDrift = step(
  {
    name: 'measure_drift',
    description: 'The population stability index: above 0.2, customers are others than those the model was trained on.',
    inputs: { reference: sample, current: sample },
    outputs: { drift: z.number() },
  },
  ({ reference, current }) => {
    const shares = (values: number[]) =>
      Array.from(
        { length: BINS },
        (_, bin) => (values.filter((value) => Math.floor((value / 60) * BINS) === bin).length + 1) / values.length,
      );
    const [before, now] = [shares(reference), shares(current)];
    return before.reduce((sum, share, bin) => sum + ((now[bin] ?? 0) - share) * Math.log((now[bin] ?? 1) / share), 0);
  },
);

export const retrain = step(
  {
    name: 'retrain',
    inputs: { drift: z.number(), current: sample },
    params: { threshold: z.number().default(0.2) },
    outputs: { fresh: churnModel },
    when: ({ drift }, { threshold }) => drift > threshold,
  },
  ({ current }) => ({ version: 'v2', cutoff: current.reduce((a, b) => a + b, 0) / current.length }),
);

export const keep = step(
  {
    name: 'keep',
    inputs: { drift: z.number() },
    params: { threshold: z.number().default(0.2) },
    outputs: { proven: churnModel },
    when: ({ drift }, { threshold }) => drift <= threshold,
  },
  () => ({ version: 'v1', cutoff: 30 }),
);

// One of the two was skipped: its input may be missing.
export const deploy = step(
  {
    name: 'deploy',
    inputs: { fresh: churnModel.optional(), proven: churnModel.optional() },
    outputs: { deployed: z.string() },
  },
  ({ fresh, proven }) => (fresh ?? proven)?.version ?? 'none',
);

// It needs the new model, so it is skipped together with `retrain`.
export const notify = step({ name: 'notify', inputs: { fresh: churnModel } }, ({ fresh }) => console.log(`${fresh.version} was trained`));

export default pipeline('churn_retraining', {
  description: 'Trains anew only if the customers have changed; the branches join again.',
  steps: [loadSamples, measureDrift, retrain, keep, deploy, notify],
});
