import { pipeline, step } from 'flowyml';
import { z } from 'zod';

/** A chain of no-op steps that share a task. Each adds one, so that no value is like another: the cache answers nothing. */
const LENGTH = 100;
const group = 'together';

const first = step({ name: 'step_0', group, params: { seed: z.number() }, outputs: { value_0: z.number() } }, ({ seed }) => seed);

const rest = Array.from({ length: LENGTH - 1 }, (_, i) =>
  step(
    { name: `step_${i + 1}`, group, inputs: { [`value_${i}`]: z.number() }, outputs: { [`value_${i + 1}`]: z.number() } },
    // The compiler cannot tell that a computed name is only one output, whose value is returned plainly.
    (inputs) => ((inputs[`value_${i}`] ?? Number.NaN) + 1) as never,
  ),
);

export default pipeline('segment', { steps: [first, ...rest], groups: { [group]: { colocate: true } } });
