import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** No-op steps of which none needs another. */
const WIDTH = 1000;

// `as never`: the compiler cannot tell that a computed name is only one output, whose value is returned plainly.
export default pipeline('fan_out', {
  steps: Array.from({ length: WIDTH }, (_, i) =>
    step({ name: `step_${i}`, params: { seed: z.number() }, outputs: { [`value_${i}`]: z.number() } }, ({ seed }) => (seed + i) as never),
  ),
});
