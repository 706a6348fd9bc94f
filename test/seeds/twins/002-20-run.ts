import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'flowyml';
import { etl, validation } from './002-20.ts';

const path = fileURLToPath(new URL('cities.csv', import.meta.url));
writeFileSync(path, 'city,population\nOslo,717710\nAtlantis,\nBern,134591\n');
const params = { path };
const cleaned = await run(etl, { params });
const validated = await run(validation, { params });
console.log(
  JSON.stringify({
    clean: cleaned.outputs.clean,
    missing: validated.outputs.missing,
    loaded: [cleaned, validated].map((result) => {
      const { status, outputs } = result.step('load_csv');
      return [status, outputs.data?.sha256];
    }),
  }),
);
