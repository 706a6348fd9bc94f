import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { localStore } from '../../../stacks/local-store.ts';
import { blobPath, tempFolder } from '../../artifacts/helpers.ts';
import { storeContract } from './contract.ts';

describe('a local folder keeps the contract', () => {
  const root = tempFolder();
  storeContract(() => ({
    store: async (name) => localStore(join(root, name)),
    plant: async (name, blob, bytes) => {
      const path = blobPath(join(root, name), blob.sha256);
      chmodSync(path, 0o644);
      writeFileSync(path, bytes);
    },
    uri: /^file:\/\//,
  }));
});
