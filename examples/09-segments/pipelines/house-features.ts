import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const house = z.object({ price: z.number(), rooms: z.number(), area: z.number().nullable(), built: z.int() });
const houses = z.array(house);
const column = z.array(z.number());

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const scaled = (values: number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  return values.map((value) => (value - mean) / deviation);
};

const loadHouses = step({ name: 'load_houses', outputs: { raw: houses } }, () =>
  Array.from({ length: 100 }, (_, i) => ({
    price: 150_000 + 2_000 * i + 5_000 * (i % 7),
    rooms: 2 + (i % 5),
    area: i % 20 === 0 ? null : 60 + i,
    built: 1950 + (i % 70),
  })),
);

// Six steps of a millisecond each. As tasks of their own they would cost more in scheduling than in work.
const group = 'features';
const fillAreas = step({ name: 'fill_areas', group, inputs: { raw: houses }, outputs: { areas: column } }, ({ raw }) => {
  const typical = median(raw.flatMap(({ area }) => area ?? []));
  return raw.map(({ area }) => area ?? typical);
});
const roomSizes = step(
  { name: 'room_sizes', group, inputs: { raw: houses, areas: column }, outputs: { room_sizes: column } },
  ({ raw, areas }) => raw.map(({ rooms }, i) => (areas[i] ?? 0) / rooms),
);
const ages = step({ name: 'ages', group, inputs: { raw: houses }, outputs: { ages: column } }, ({ raw }) =>
  raw.map(({ built }) => 2024 - built),
);
const scaleAreas = step({ name: 'scale_areas', group, inputs: { areas: column }, outputs: { x_area: column } }, ({ areas }) =>
  scaled(areas),
);
const scaleRooms = step({ name: 'scale_rooms', group, inputs: { room_sizes: column }, outputs: { x_rooms: column } }, ({ room_sizes }) =>
  scaled(room_sizes),
);
const scaleAges = step({ name: 'scale_ages', group, inputs: { ages: column }, outputs: { x_age: column } }, ({ ages }) => scaled(ages));

const fit = step(
  {
    name: 'fit',
    inputs: { raw: houses, x_area: column, x_rooms: column, x_age: column },
    outputs: { weights: z.object({ area: z.number(), rooms: z.number(), age: z.number() }) },
  },
  ({ raw, x_area, x_rooms, x_age }) => {
    const prices = scaled(raw.map(({ price }) => price));
    const slope = (x: number[]) => x.reduce((sum, value, i) => sum + value * (prices[i] ?? 0), 0) / x.length;
    return { area: slope(x_area), rooms: slope(x_rooms), age: slope(x_age) };
  },
);

export default pipeline('house_features', {
  description: 'Many small steps that share a worker and a task.',
  steps: [loadHouses, fillAreas, roomSizes, ages, scaleAreas, scaleRooms, scaleAges, fit],
  groups: { features: { colocate: true } },
});
