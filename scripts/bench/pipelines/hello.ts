import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** Three steps; the first says when its function began. A nonce that no run had before keeps the cache from answering. */
const first = step({ name: 'first', params: { nonce: z.number() }, outputs: { began: z.number() } }, () => Date.now());
const second = step({ name: 'second', inputs: { began: z.number() }, outputs: { twice: z.number() } }, ({ began }) => 2 * began);
const third = step({ name: 'third', inputs: { twice: z.number() }, outputs: { half: z.number() } }, ({ twice }) => twice / 2);

export default pipeline('hello', { steps: [first, second, third] });
