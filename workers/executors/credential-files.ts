import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StackSpec } from '../../pipelines/stack-spec.ts';

/** Files with which a cloud's clients log in, and the variables that name them. */
export interface CredentialFiles {
  files: string[];
  env: Record<string, string>;
}

type Place = readonly [variable: string, usual: string];

// Where each cloud's own tools keep them, unless a variable says otherwise.
const PLACES: Record<string, readonly Place[]> = {
  gcs: [['GOOGLE_APPLICATION_CREDENTIALS', '.config/gcloud/application_default_credentials.json']],
  s3: [
    ['AWS_SHARED_CREDENTIALS_FILE', '.aws/credentials'],
    ['AWS_CONFIG_FILE', '.aws/config'],
  ],
};

/** What workers need to reach the stores of these stacks as this machine's user does; files that are not there are left out. */
export function credentialFiles(stacks: Iterable<StackSpec>, env: NodeJS.ProcessEnv = process.env): CredentialFiles {
  const types = new Set([...stacks].flatMap(({ artifactStore }) => artifactStore?.type ?? []));
  const found = [...types]
    .flatMap((type) => PLACES[type] ?? [])
    .map(([variable, usual]) => [variable, env[variable] || join(homedir(), usual)] as const)
    .filter(([, path]) => existsSync(path));
  return { files: found.map(([, path]) => path), env: Object.fromEntries(found) };
}
