import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfiguration } from '../../stacks/configuration.ts';
import { fileJsonSchema } from '../../stacks/json-schema.ts';
import { PRODUCTION, SHORT_FORMS, STAGES } from './yaml-examples.ts';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const written = JSON.parse(readFileSync(`${CLONE}schema/flowyml.schema.json`, 'utf8'));
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(written);
const isValid = (text: string) => validate(parse(text));

it('is written: `npm run schema`', () => {
  expect(written).toEqual(JSON.parse(JSON.stringify(fileJsonSchema())));
});

it('is in the package, where the docs say', () => {
  const { files } = JSON.parse(readFileSync(`${CLONE}package.json`, 'utf8'));
  expect(files).toContain('schema');
});

it("refuses a project's name that no task queue can have", () => {
  expect(isValid('project: a shop')).toBe(false);
});

it('describes every key', () => {
  const silent: string[] = [];
  const look = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties = {} } = node as { properties?: Record<string, { description?: string }> };
    for (const [key, value] of Object.entries(properties)) if (key !== 'type' && !value.description) silent.push(`${path}.${key}`);
    for (const [key, value] of Object.entries(node)) look(value, `${path}.${key}`);
  };
  look(written, '');
  expect(silent).toEqual([]);
});

describe('takes', () => {
  const examples = readdirSync(`${CLONE}examples`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('flowyml.yaml') && !path.includes('node_modules'))
    .map((path) => [`examples/${path}`, readFileSync(`${CLONE}examples/${path}`, 'utf8')]);
  it.each([
    ['the file of the container guide', PRODUCTION],
    ['the file of the stack guide', STAGES],
    ["the clone's own", readFileSync(`${CLONE}flowyml.yaml`, 'utf8')],
    ...examples,
    ...SHORT_FORMS.map((text) => [text, text]),
  ] as [string, string][])('%s', (_, text) => {
    isValid(text);
    expect(validate.errors ?? []).toEqual([]);
    // Editors and flowyml agree.
    expect(() => readConfiguration(text, 'flowyml.yaml')).not.toThrow();
  });
});

describe('refuses', () => {
  it.each([
    'projct: shop',
    'stacks: { prod: { type: gpc } }',
    'stacks: { prod: { type: gcp, bucket: b } }',
    'stacks: { prod: { bucket_name: b } }',
    'stacks: { prod: { type: gcp, artifact_store: { type: gcs } } }',
    'stacks: { prod: { type: gcp, artifact_store: { type: gcs, bucket: a, bucket_name: b } } }',
    'stacks: { prod: { type: aws, artifact_store: { bucket: a, projectId: p } } }',
    'stacks: { prod: { type: local, artifact_store: { bucket: a } } }',
    'metadata_store: { type: sqlite }',
    'executor: kubernetes',
    'executor: custom',
    'orchestrator: airflow',
    'executor: { type: docker, replica: 2 }',
    'groups: { gpu: { replicas: 0 } }',
    'groups: { gpu: { max_per_second: 0 } }',
    'docker: { env_vars: { A: 1 } }',
    'docker: { requirements: pandas }',
    'resources: { big: { cpus: "4" } }',
  ])('%s', (text) => {
    expect(isValid(text)).toBe(false);
    expect(() => readConfiguration(text, 'flowyml.yaml')).toThrow();
  });
});

it('and flowyml take the files that the guide shows', () => {
  const blocks = [...readFileSync(`${CLONE}docs/stacks.md`, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text as string,
  );
  expect(blocks.length).toBeGreaterThan(3);
  for (const text of blocks) {
    isValid(text);
    expect(validate.errors ?? [], text).toEqual([]);
    expect(() => readConfiguration(text, 'flowyml.yaml')).not.toThrow();
  }
});
