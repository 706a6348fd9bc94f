import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const readings = z.array(z.object({ sensor: z.string(), celsius: z.number().nullable() }));

const load = step({ name: 'load', outputs: { raw_data: readings } }, () => [
  { sensor: 'north', celsius: 11 },
  { sensor: 'east', celsius: null },
  { sensor: 'south', celsius: 19 },
]);

/** Pure: what it returns depends on nothing but its input. */
export const cleanData = step({ name: 'clean_data', inputs: { raw_data: readings }, outputs: { processed: readings } }, ({ raw_data }) =>
  raw_data.filter(({ celsius }) => celsius !== null),
);

let held = ['north', 'east', 'south'];
export const heldRows = () => held.length;

/** Not pure: it works on what the module holds, and empties its input too. */
export const cleanHeld = step({ name: 'clean_held', inputs: { raw_data: readings }, outputs: { left: z.number() } }, ({ raw_data }) => {
  raw_data.length = 0;
  held = held.slice(1);
  return held.length;
});

const look = step(
  { name: 'look', inputs: { raw_data: readings }, after: [cleanHeld], outputs: { seen: z.number() } },
  ({ raw_data }) => raw_data.length,
);

export default pipeline('purity', { steps: [load, cleanData, cleanHeld, look] });
