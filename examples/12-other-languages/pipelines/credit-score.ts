import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const applicant = z.object({ income: z.number(), debts: z.number(), late_payments: z.int() });

export const check = step(
  {
    name: 'check',
    params: { income: z.number().positive(), debts: z.number().min(0), late_payments: z.int().min(0).default(0) },
    outputs: { applicant },
  },
  (given) => given,
);

export const score = step(
  { name: 'score', inputs: { applicant }, outputs: { score: z.number() } },
  ({ applicant: { income, debts, late_payments } }) => Math.max(0, Math.round(850 - (400 * debts) / income - 60 * late_payments)),
);

export const decide = step(
  {
    name: 'decide',
    inputs: { score: z.number() },
    params: { at_least: z.number().default(600) },
    outputs: { decision: z.enum(['accepted', 'refused']) },
  },
  ({ score, at_least }) => (score >= at_least ? 'accepted' : 'refused'),
);

export default pipeline('credit_score', {
  description: 'A pipeline that programs in other languages start.',
  steps: [check, score, decide],
});
