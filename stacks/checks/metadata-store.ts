import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspectDatabase, normalizeUrl, withoutPassword } from '../../metadata/index.ts';
import type { StackSpec } from '../../pipelines/stack-spec.ts';
import { metadataOptions } from '../metadata-store.ts';
import { type Finding, fine, wrong } from './stack-check.ts';

/** Connects, and asks for the version and the right to make tables. An embedded server is not started. */
export async function checkMetadataStore(spec: StackSpec, root: string): Promise<Finding> {
  const { FLOWYML_DATABASE_URL: decided } = process.env;
  const { database, postgresDir } = metadataOptions({ root, stack: spec.name, stacks: { [spec.name]: spec } });
  const url = decided || database?.url;
  if (!url) {
    const folder = postgresDir ?? resolve(root, '.flowyml', 'postgres');
    return fine(`embedded PostgreSQL in ${folder}${existsSync(folder) ? '' : ', made at the first start'}`);
  }
  const by = decided ? ', named by FLOWYML_DATABASE_URL, which decides for all stacks' : '';
  const found = await inspectDatabase(normalizeUrl(url));
  if ('reason' in found) return wrong(`PostgreSQL at ${withoutPassword(url)}${by}: ${found.reason}`, found.remedy);
  return fine(`PostgreSQL ${found.version} at ${found.shown}${found.encrypted ? ', encrypted' : ''}${by}`);
}
