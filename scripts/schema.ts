import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileJsonSchema } from '../stacks/json-schema.ts';

// Writes the JSON Schema of flowyml.yaml, which editors use; the tests say when it is out of date.
const file = fileURLToPath(new URL('../schema/flowyml.schema.json', import.meta.url));
mkdirSync(fileURLToPath(new URL('../schema/', import.meta.url)), { recursive: true });
writeFileSync(file, `${JSON.stringify(fileJsonSchema(), null, 2)}\n`);
