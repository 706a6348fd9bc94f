import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes, dataset, directory, file, materializer, metrics, model, pipeline, step, table } from 'flowyml';
import { z } from 'zod';

type Penguin = { species: string; flipper_mm: number; mass_g: number };
const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'];

/** Kept as raw 32-bit numbers: a format of our own. */
const vector = materializer<Float32Array>({
  type: 'float32',
  write: (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  read: async (stored) => new Float32Array((await stored.bytes()).slice().buffer),
});

export const measure = step(
  {
    name: 'measure',
    description: 'A table, made batch by batch: it need not fit into memory.',
    params: { birds: z.int().min(30).default(300) },
    outputs: { penguins: dataset(table<Penguin>(), { name: 'penguins' }) },
  },
  ({ birds }) => {
    async function* batches() {
      for (let from = 0; from < birds; from += 100) {
        yield Array.from({ length: Math.min(100, birds - from) }, (_, i) => penguin(from + i));
      }
    }
    return { data: batches(), version: '2024.05', properties: { birds, station: 'Palmer' }, tags: { quality: 'checked' } };
  },
);

export const exportCsv = step(
  {
    name: 'export_csv',
    description: 'A file: written where the step likes, kept when it returns the path.',
    inputs: { penguins: dataset(table<Penguin>()) },
    outputs: { csv: file({ name: 'penguins.csv' }) },
  },
  async ({ penguins }, run) => {
    const path = join(run.workDir, 'penguins.csv');
    const rows = await penguins.data.toArray();
    await writeFile(path, rows.map(({ species, flipper_mm, mass_g }) => `${species},${flipper_mm},${mass_g}\n`).join(''));
    return path;
  },
);

export const describe = step(
  {
    name: 'describe',
    description: 'A folder with a page for each species.',
    inputs: { penguins: dataset(table<Penguin>()) },
    outputs: { pages: directory() },
  },
  async ({ penguins }, run) => {
    const folder = join(run.workDir, 'pages');
    await mkdir(folder);
    const rows = await penguins.data.toArray();
    for (const name of SPECIES) {
      const own = rows.filter(({ species }) => species === name);
      await writeFile(
        join(folder, `${name}.md`),
        `# ${name}\n\n${own.length} birds, ${Math.round(mean(own.map(({ mass_g }) => mass_g)))} g\n`,
      );
    }
    return folder;
  },
);

export const draw = step(
  {
    name: 'draw',
    description: 'Bytes: a histogram of the masses, as an image.',
    inputs: { penguins: dataset(table<Penguin>()) },
    outputs: { histogram: bytes() },
  },
  async ({ penguins }) => {
    const { mass_g } = await penguins.data.toColumns();
    const bars = new Array(64).fill(0);
    for (const mass of Array.from(mass_g)) bars[Math.min(63, Math.floor(mass / 100))]++;
    const tallest = Math.max(...bars);
    const pixels = Uint8Array.from({ length: 64 * 32 }, (_, i) => (32 - Math.floor(i / 64) <= (32 * bars[i % 64]) / tallest ? 0 : 255));
    return Buffer.concat([Buffer.from('P5 64 32 255\n'), pixels]);
  },
);

export const embed = step(
  {
    name: 'embed',
    description: 'A type of our own: flipper lengths as 32-bit numbers.',
    inputs: { penguins: dataset(table<Penguin>()) },
    outputs: { flippers: vector },
  },
  async ({ penguins }) => Float32Array.from(Array.from((await penguins.data.toColumns()).flipper_mm)),
);

const cutoffs = z.object({ chinstrap: z.number(), gentoo: z.number() });

export const train = step(
  {
    name: 'train',
    description: 'A model: data with a name, a version, properties, and the dataset it was made from.',
    inputs: { penguins: dataset(table<Penguin>()), flippers: vector },
    outputs: { classifier: model(cutoffs, { name: 'penguin-classifier' }) },
  },
  async ({ penguins, flippers }) => {
    const { species } = await penguins.data.toColumns();
    const center = (name: string) => mean(Array.from(flippers).filter((_, i) => species[i] === name));
    const [adelie, chinstrap, gentoo] = SPECIES.map(center) as [number, number, number];
    const data = { chinstrap: (adelie + chinstrap) / 2, gentoo: (chinstrap + gentoo) / 2 };
    return { data, version: 'v1', parent: penguins, properties: { features: ['flipper_mm'] } };
  },
);

export const evaluate = step(
  {
    name: 'evaluate',
    description: 'Metrics: named numbers about the model.',
    inputs: { classifier: model(cutoffs), penguins: dataset(table<Penguin>()) },
    outputs: { scores: metrics() },
  },
  async ({ classifier, penguins }) => {
    const { chinstrap, gentoo } = classifier.data;
    const rows = await penguins.data.toArray();
    const right = rows.filter(({ species, flipper_mm }) => species === SPECIES[flipper_mm < chinstrap ? 0 : flipper_mm < gentoo ? 1 : 2]);
    return { data: { accuracy: right.length / rows.length, birds: rows.length }, parent: classifier };
  },
);

export const card = step(
  {
    name: 'card',
    description: 'What a step gets of each type.',
    inputs: {
      penguins: dataset(table<Penguin>()),
      csv: file(),
      pages: directory(),
      histogram: bytes(),
      classifier: model(cutoffs),
      scores: metrics(),
    },
    outputs: {
      summary: z.object({
        model: z.string(),
        data: z.string(),
        rows: z.int(),
        csv_bytes: z.int(),
        image_bytes: z.int(),
        page: z.string(),
        accuracy: z.number(),
      }),
    },
  },
  async ({ penguins, csv, pages, histogram, classifier, scores }) => ({
    model: `${classifier.name}@${classifier.version}`,
    data: `${penguins.name}@${penguins.version} from ${penguins.properties.station}`,
    rows: penguins.data.numRows,
    csv_bytes: (await stat(csv)).size, // the path of a copy of its own
    image_bytes: histogram.size,
    page: (await readFile(join(pages, 'Gentoo.md'), 'utf8')).split('\n')[0] ?? '',
    accuracy: scores.data.accuracy ?? 0,
  }),
);

export default pipeline('penguins', {
  description: 'Every type that an output can have.',
  steps: [measure, exportCsv, describe, draw, embed, train, evaluate, card],
});

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The nth bird: about as large as its species is, no two quite alike. */
function penguin(i: number): Penguin {
  const species = SPECIES[i % 3] ?? '';
  const spread = (((i * 37) % 41) - 20) / 20;
  const [flipper, mass] = [
    [190, 3700],
    [199, 3730],
    [217, 5080],
  ][i % 3] as [number, number];
  return { species, flipper_mm: Math.round(flipper + 7 * spread), mass_g: Math.round(mass + 600 * spread) };
}
