import { describe, expect, it } from 'vitest';
import { cardText, decide, type ModelCard } from '../src/card.ts';

describe('decide', () => {
  it.each([
    ['registers what ranks well and beats the base rate', { auc: 0.7, log_loss: 0.45, log_loss_of_base_rate: 0.5 }, 'registered', '10.0 %'],
    ['rejects what ranks badly', { auc: 0.55, log_loss: 0.45, log_loss_of_base_rate: 0.5 }, 'rejected', 'below 0.6'],
    ['rejects what knows no more than the base rate', { auc: 0.7, log_loss: 0.5, log_loss_of_base_rate: 0.5 }, 'rejected', 'no better'],
    ['rejects what could not be judged', { auc: Number.NaN, log_loss: 0.4, log_loss_of_base_rate: 0.5 }, 'rejected', 'NaN'],
  ])('%s', (_, heldOut, decision, reason) => {
    expect(decide(heldOut, 0.6)).toEqual({ decision, reason: expect.stringContaining(reason) });
  });
});

it('the text of a card names the decision, every figure and every bin', () => {
  const card: ModelCard = {
    model: 'flight-delays',
    decision: 'registered',
    reason: 'good enough',
    intended_use: 'a test',
    limits: 'many',
    trained_with: {},
    held_out: { flights: 100, auc: 0.71234 },
    calibration: [{ flights: 100, from: 0.1, to: 0.3, predicted: 0.2, observed: 0.25 }],
  };
  expect(cardText(card).split('\n')).toEqual([
    'flight-delays: registered (good enough)',
    '  flights                     100',
    '  auc                         0.7123',
    '   flights  predicted      late',
    '       100    20.0 %    25.0 %',
    '  use:    a test',
    '  limits: many',
  ]);
});
