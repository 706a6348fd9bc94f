import { expect, it } from 'vitest';
import { problemsOf } from '../stacks/yaml-project.ts';

// Every name of the diagram is a kind that flowyml.yaml knows, or is refused with what to do instead.
const more: Record<string, string> = {
  postgresql: ', url: u',
  cloudsql: ', instance: i, database: d, user: u',
  gcr: ', uri: u',
  ecr: ', uri: u',
  dockerhub: ', uri: u',
};
const stores: Record<string, string> = { gcs: ', bucket: b', s3: ', bucket: b', azure: ', container: c, account: a' };
it.each([
  ['orchestrator', ['vertex_ai'], ['kubeflow', 'airflow', 'none']],
  ['executor', ['local', 'vertex_ai'], ['remote', 'kubernetes']],
  ['artifact_store', ['local', 'gcs', 's3', 'azure'], []],
  ['metadata_store', ['postgresql', 'cloudsql'], ['sqlite', 'mysql']],
  ['container_registry', ['gcr', 'ecr', 'dockerhub'], []],
])('%s', (component, known, refused) => {
  for (const type of known) expect(problemsOf(`${component}: { type: ${type}${more[type] ?? stores[type] ?? ''} }`), type).toEqual([]);
  for (const type of refused)
    expect(problemsOf(`${component}: { type: ${type} }`)).toEqual([expect.stringContaining(`type "${type}" is not supported: `)]);
});
