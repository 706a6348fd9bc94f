import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** Three steps; the first says when its function began. */
const first = step({ name: 'first', outputs: { began: z.number() } }, () => Date.now());
const second = step({ name: 'second', inputs: { began: z.number() }, outputs: { twice: z.number() } }, ({ began }) => 2 * began);
const third = step({ name: 'third', inputs: { twice: z.number() }, outputs: { half: z.number() } }, ({ twice }) => twice / 2);

export default pipeline('hello', { steps: [first, second, third] });
