import { formatBytes, shorten } from '../../artifacts/describe.ts';
import { joinSession } from '../../client/session.ts';
import { artifactTypes, type ListedArtifact, listArtifacts } from '../../metadata/artifact-admin.ts';
import type { Database } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { ago, shortHash } from './cache-format.ts';
import { requireRun } from './cache-run.ts';

interface ListOptions {
  run?: string;
  type?: string;
  limit?: string;
  json?: boolean;
}

/** `flowyml artifact list`: the newest artifacts. */
export async function listAllArtifacts({ run, type, limit, json }: ListOptions): Promise<void> {
  const most = wholeNumber(limit, '--limit') ?? 20;
  const session = await joinSession(findProject());
  const { db } = session;
  try {
    const of = run === undefined ? undefined : await requireRun(session, run);
    const rows = await listArtifacts(db, { ...(of ? { run: of } : {}), ...(type === undefined ? {} : { type }) }, most);
    if (!rows.length && type !== undefined) await checkType(db, type);
    if (json) printJson(rows.map(artifactFacts));
    else if (!rows.length) console.log('No artifacts.');
    else printTable(['ARTIFACT', 'TYPE', 'SIZE', 'MADE', 'BY', 'PREVIEW'], rows.map(artifactCells));
  } finally {
    await session.close();
  }
}

async function checkType(db: Database, type: string): Promise<void> {
  const known = [...new Set((await artifactTypes(db)).flatMap((each) => [each, each.split('<')[0] ?? each]))];
  if (!known.includes(type)) throw new UsageError(`--type ${type}: there is no artifact of such a type${hint(type, known)}`);
}

const artifactFacts = ({ createdAt, uri, preview, asset, madeBy, ...row }: ListedArtifact) => ({
  ...row,
  ...(uri === null ? {} : { uri }),
  ...(preview === null ? {} : { preview }),
  ...(asset === null ? {} : { asset }),
  createdAt: createdAt.toISOString(),
  ...(madeBy ? { madeBy } : {}),
});

const artifactCells = ({ sha256, type, size, createdAt, madeBy, preview }: ListedArtifact) => [
  shortHash(sha256),
  type,
  formatBytes(size),
  ago(createdAt),
  madeBy ? `${madeBy.runId}/${madeBy.step}/${madeBy.output}` : '',
  shorten((preview ?? '').replace(/\s+/g, ' '), 60),
];
