import { z } from 'zod';
import type { CalibrationBin } from './evaluation.ts';

const calibrationBin = z.object({
  flights: z.int(),
  from: z.number(),
  to: z.number(),
  predicted: z.number(),
  observed: z.number(),
});

/** As `calibration()` makes it. */
export const calibrationTable = z.array(calibrationBin);

/** What is kept of a model beside its weights, for those who decide whether to use it. */
export const modelCard = z.object({
  model: z.string(),
  decision: z.enum(['registered', 'rejected']),
  reason: z.string(),
  intended_use: z.string(),
  limits: z.string(),
  trained_with: z.record(z.string(), z.json()),
  held_out: z.record(z.string(), z.number()),
  calibration: calibrationTable,
});

export type ModelCard = z.output<typeof modelCard>;

/** A model is worth keeping if it ranks flights well enough and knows more than the share of late ones. */
export function decide(heldOut: Record<string, number>, leastAuc: number): Pick<ModelCard, 'decision' | 'reason'> {
  const { auc = Number.NaN, log_loss = Number.NaN, log_loss_of_base_rate = Number.NaN } = heldOut;
  if (!(auc >= leastAuc)) return { decision: 'rejected', reason: `AUC ${auc.toFixed(3)} is below ${leastAuc}` };
  if (!(log_loss < log_loss_of_base_rate)) {
    return {
      decision: 'rejected',
      reason: `log loss ${log_loss.toFixed(4)} is no better than that of the base rate, ${log_loss_of_base_rate.toFixed(4)}`,
    };
  }
  const gain = (100 * (1 - log_loss / log_loss_of_base_rate)).toFixed(1);
  return { decision: 'registered', reason: `AUC ${auc.toFixed(3)}; log loss ${gain} % below that of the base rate` };
}

/** The card as lines of text, the calibration as a table. */
export function cardText(card: ModelCard): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8);
  const bin = ({ flights, predicted, observed }: CalibrationBin) =>
    `  ${String(flights).padStart(8)}  ${percent(predicted)}  ${percent(observed)}`;
  return [
    `${card.model}: ${card.decision} (${card.reason})`,
    ...Object.entries(card.held_out).map(([name, value]) => `  ${name.padEnd(28)}${Number.isInteger(value) ? value : value.toFixed(4)}`),
    '   flights  predicted      late',
    ...card.calibration.map(bin),
    `  use:    ${card.intended_use}`,
    `  limits: ${card.limits}`,
  ].join('\n');
}
