/** Pipelines for the tests of clients, in this and other languages. */
export const PIPELINES = `
import { existsSync } from 'node:fs';
import { approval, materializer, metrics, pipeline, step, table } from 'flowyml';
import { z } from 'zod';

const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const load = step({ name: 'load', params: { rows: z.number().int() }, outputs: { data: z.array(z.number()) } }, ({ rows }) => Array.from({ length: rows }, (_, i) => i));
const total = step({ name: 'total', inputs: { data: z.array(z.number()) }, outputs: { sum: z.number() }, group: 'training_cluster' }, ({ data }) => data.reduce((a, b) => a + b, 0));
export const sums = pipeline('sums', { steps: [load, total], context: { rows: 10 } });

export const fails = pipeline('fails', { steps: [
  step({ name: 'fine', outputs: { a: z.number() } }, () => 1),
  step({ name: 'boom', inputs: { a: z.number() } }, () => { throw new TypeError('no such column'); }),
  step({ name: 'later', after: ['boom'] }, () => {}),
] });

const own = materializer({ type: 'text/plain', write: (text: string) => new TextEncoder().encode(text), read: async (bytes) => new TextDecoder().decode(await bytes.bytes()) });
export const kinds = pipeline('kinds', { steps: [
  step({ name: 'number', outputs: { number: z.number() } }, () => 7),
  step({ name: 'rows', outputs: { rows: table() } }, () => [{ a: 1 }, { a: 2 }]),
  step({ name: 'scores', outputs: { scores: metrics() } }, () => ({ auc: 0.7 })),
  step({ name: 'own', outputs: { own } }, () => 'text'),
] });

export const asks = pipeline('asks', { steps: [
  step({ name: 'train', outputs: { model: z.number() } }, () => 7),
  approval({ name: 'review', after: ['train'], message: 'Ship it?' }),
  step({ name: 'ship', inputs: { model: z.number() }, after: ['review'], outputs: { shipped: z.number() } }, ({ model }) => model),
] });

export const gated = pipeline('gated', { steps: [
  step({ name: 'before' }, () => {}),
  step({ name: 'gate', after: ['before'], params: { file: z.string() } }, async ({ file }, run) => {
    while (!existsSync(file)) { run.signal.throwIfAborted(); await nap(50); }
  }),
] });
`;
