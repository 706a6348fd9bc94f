import { NonRetryableError, pipeline, RetryableError, step } from 'flowyml';
import { z } from 'zod';

export const fetchPrices = step(
  {
    name: 'fetch_prices',
    description: 'Asks a service that is often away: waits longer after each failure, and gives up after eight seconds.',
    params: { outage: z.int().min(0).default(2).describe('how many calls fail before the service answers') },
    outputs: { prices: z.array(z.number()) },
    retry: { maxAttempts: 20, backoff: 'exponential', initialInterval: '100 ms', maxInterval: '1 second' },
    totalTimeout: '8 seconds',
  },
  ({ outage }, run) => {
    if (run.attempt <= outage) throw new Error('503 Service Unavailable');
    return [101.2, 100.9, 102.4, 103.1, 102.8];
  },
);

export const fetchRate = step(
  {
    name: 'fetch_rate',
    description: 'Asks a service that says itself when to come again.',
    params: { token: z.string().default('valid') },
    outputs: { rate: z.number() },
    retry: { maxAttempts: 3, initialInterval: '1 minute' },
  },
  ({ token }, run) => {
    if (token === 'expired') throw new NonRetryableError('401 Unauthorized: the token has expired');
    if (run.attempt === 1) throw new RetryableError('429 Too Many Requests', { retryAfter: '300 ms' });
    return 1.08;
  },
);

export const fitLevel = step(
  {
    name: 'fit_level',
    description: 'Fits the level of the prices. With too large a step it jumps to and fro for ever.',
    inputs: { prices: z.array(z.number()), rate: z.number() },
    outputs: { level: z.number() },
    timeout: '2 seconds',
    retry: { maxAttempts: 2, initialInterval: '100 ms' },
  },
  ({ prices, rate }, run) => {
    const stepSize = 1 / run.attempt; // an attempt that follows is more careful
    const gradient = (level: number) => prices.reduce((sum, price) => sum + 2 * (level - price * rate), 0) / prices.length;
    let level = 0;
    for (let slope = gradient(level); Math.abs(slope) > 1e-6; slope = gradient(level)) level -= stepSize * slope;
    return Math.round(level * 100) / 100;
  },
);

export default pipeline('price_import', {
  description: 'Three ways in which a step fails and is tried again.',
  steps: [fetchPrices, fetchRate, fitLevel],
  cache: false, // prices change: ask each time
});
