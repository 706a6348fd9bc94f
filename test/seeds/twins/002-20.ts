import { readFileSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const rows = z.array(z.object({ city: z.string(), population: z.number().nullable() }));

export const loadCsv = step({ name: 'load_csv', params: { path: z.string() }, outputs: { data: rows } }, ({ path }) => {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [city = '', population] = line.split(',');
    return { city, population: population ? Number(population) : null };
  });
});

export const clean = step({ name: 'clean', inputs: { data: rows }, outputs: { clean: rows } }, ({ data }) =>
  data.filter(({ population }) => population !== null),
);

export const validate = step(
  { name: 'validate', inputs: { data: rows }, outputs: { missing: z.number() } },
  ({ data }) => data.filter(({ population }) => population === null).length,
);

export const etl = pipeline('etl').add(loadCsv).add(clean);
export const validation = pipeline('validation').add(loadCsv).add(validate);
