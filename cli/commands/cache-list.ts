import { formatBytes } from '../../artifacts/describe.ts';
import { joinSession } from '../../client/session.ts';
import { listEntries } from '../../metadata/cache-admin.ts';
import type { CacheRow } from '../../metadata/index.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { ago, checkNames, expiry, shortHash } from './cache-format.ts';

interface ListOptions {
  pipeline?: string;
  step?: string;
  limit?: string;
  json?: boolean;
}

/** `flowyml cache list`: the newest results that later runs may reuse. */
export async function listCache({ pipeline, step, limit, json }: ListOptions): Promise<void> {
  const most = wholeNumber(limit, '--limit') ?? 20;
  const filter = { ...(pipeline === undefined ? {} : { pipeline }), ...(step === undefined ? {} : { step }) };
  const session = await joinSession(findProject());
  try {
    const rows = await listEntries(session.db, filter, most);
    if (!rows.length) await checkNames(session.db, filter);
    if (json) printJson(rows.map(entryFacts));
    else if (!rows.length) console.log('No entries.');
    else printTable(['STEP', 'PIPELINE', 'KEY', 'SIZE', 'HITS', 'MADE', 'EXPIRES', 'RUN'], rows.map(entryCells));
  } finally {
    await session.close();
  }
}

const sizeOf = ({ outputs }: CacheRow): number => Object.values(outputs).reduce((sum, ref) => sum + ref.size, 0);

const entryFacts = (row: CacheRow) => ({
  key: row.key,
  step: row.step,
  pipeline: row.pipeline,
  size: sizeOf(row),
  hits: row.hits,
  durationMs: row.durationMs,
  createdAt: row.createdAt.toISOString(),
  ...(row.lastHitAt ? { lastHitAt: row.lastHitAt.toISOString() } : {}),
  ...(row.expiresAt ? { expiresAt: row.expiresAt.toISOString() } : {}),
  runId: row.runId,
  parts: row.parts,
  outputs: row.outputs,
});

const entryCells = (row: CacheRow) => [
  row.step,
  row.pipeline,
  shortHash(row.key),
  formatBytes(sizeOf(row)),
  row.hits,
  ago(row.createdAt),
  expiry(row.expiresAt),
  row.runId,
];
