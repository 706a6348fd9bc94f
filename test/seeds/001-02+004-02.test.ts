import { expect, it } from 'vitest';
import { LocalStack } from '../../index.ts';

it('a local stack, by the fields of the guide, which are the defaults', () => {
  const stack = new LocalStack({ name: 'local', artifactPath: '.flowyml/artifacts', metadataPath: '.flowyml/metadata.db' });
  expect({ ...stack, spec: 0 }).toEqual({ ...new LocalStack(), spec: 0 });
  expect(stack.toJSON()).toEqual({
    name: 'local',
    type: 'local',
    artifactStore: { type: 'local', path: '.flowyml/artifacts' },
    // The folder of the embedded PostgreSQL: there is no file.
    metadataStore: { type: 'embedded', path: '.flowyml/metadata.db' },
  });
});
