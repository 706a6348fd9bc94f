import type { Session } from '../../client/session.ts';
import { hashesLike, recentHashes, referenceTo } from '../../metadata/artifact-admin.ts';
import { type Database, readEnds, withValues } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { shortHash } from './cache-format.ts';
import { requireRun } from './cache-run.ts';

const PREFIX = /^[0-9a-f]{4,64}$/;

/**
 * The one artifact whose hash begins so.
 * @throws UsageError if there is none, or more than one
 */
export async function requireHash(db: Database, prefix: string): Promise<string> {
  if (!PREFIX.test(prefix))
    throw new UsageError(`'${prefix}' is no artifact: give at least the first 4 hex digits of its SHA-256, or RUN/STEP/OUTPUT`);
  const found = await hashesLike(db, prefix);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length) {
    const shown = found.slice(0, 5).map((hash) => hash.slice(0, Math.max(12, prefix.length + 4)));
    throw new UsageError(`several artifacts begin with ${prefix}: ${shown.join(', ')}${found.length > 5 ? ', …' : ''}`);
  }
  // Compared as far as it was given, so that one wrong digit is found.
  const near = (await recentHashes(db)).map((hash) => hash.slice(0, prefix.length));
  const suggestion = hint(prefix, near);
  throw new UsageError(
    `there is no artifact ${prefix.length > 20 ? shortHash(prefix) : prefix}${suggestion.startsWith('; did') ? suggestion : ''}`,
  );
}

/**
 * The artifact that SHA or RUN/STEP/OUTPUT names, with its value where it is kept in the database.
 * @throws UsageError, with the nearest, if there is none
 */
export async function requireArtifact(session: Session, target: string): Promise<ArtifactRef> {
  const { db } = session;
  const ref = target.includes('/') ? await outputOf(session, target) : await referenceTo(db, await requireHash(db, target));
  if (!ref) throw new UsageError(`there is no artifact ${target}`);
  return (await withValues(db, { ref })).ref ?? ref;
}

async function outputOf(session: Session, target: string): Promise<ArtifactRef> {
  // A run's id may hold slashes; names of steps and outputs do not.
  const [, runId, step, output] = /^(.+)\/([^/]+)\/([^/]+)$/.exec(target) ?? [];
  if (runId === undefined || step === undefined || output === undefined)
    throw new UsageError(`'${target}' is no artifact: give its SHA-256, or RUN/STEP/OUTPUT`);
  const ends = await readEnds(session.db, await requireRun(session, runId));
  const end = ends[step];
  if (!end) throw new UsageError(`run '${runId}' has no step '${step}' that has ended${hint(step, Object.keys(ends))}`);
  const ref = end.outputs[output];
  if (ref) return ref;
  const known = Object.keys(end.outputs);
  throw new UsageError(
    `step '${step}' of run '${runId}' gave no '${output}'${known.length ? hint(output, known) : `: it ${end.status === 'skipped' ? 'was skipped' : `ended as ${end.status}`} and gave nothing`}`,
  );
}
