import { mapStep, pipeline, step } from 'flowyml';
import { z } from 'zod';

/** A map over small items. With a seed that no run had before, no item is like another. */
const list = step(
  { name: 'list', params: { seed: z.number(), count: z.int() }, outputs: { numbers: z.array(z.number()) } },
  ({ seed, count }) => Array.from({ length: count }, (_, i) => seed + i),
);

const double = mapStep({ name: 'double', items: 'numbers', item: z.number(), outputs: { doubles: z.number() } }, ({ item }) => 2 * item);

export default pipeline('map', { steps: [list, double] });
