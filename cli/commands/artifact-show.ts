import { formatBytes, formatCount } from '../../artifacts/describe.ts';
import { joinSession } from '../../client/session.ts';
import { type ArtifactUse, usesOf } from '../../metadata/artifact-admin.ts';
import { ArtifactCorrupt } from '../../pipelines/errors.ts';
import { findProject, projectStore } from '../../stacks/project.ts';
import { printJson } from '../output.ts';
import { problemOf } from './artifact-read.ts';
import { requireArtifact } from './artifact-target.ts';

const USES_SHOWN = 50;

/**
 * `flowyml artifact show`: what an artifact is, who made it and who took it. All of it is read, to say whether it is whole.
 * @throws ArtifactCorrupt, after that was shown, if it is not
 */
export async function showArtifact(target: string, options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  const { db, project } = session;
  try {
    const ref = await requireArtifact(session, target);
    const [uses, problem] = await Promise.all([usesOf(db, ref.sha256, USES_SHOWN), problemOf(ref, projectStore(project))]);
    const madeBy = uses.filter(({ direction }) => direction === 'out');
    const takenBy = uses.filter(({ direction }) => direction === 'in');
    if (options.json) {
      printJson({
        ...ref,
        whole: problem === undefined,
        ...(problem ? { problem } : {}),
        madeBy: madeBy.map(useFacts),
        takenBy: takenBy.map(useFacts),
      });
    } else {
      const { asset } = ref;
      const lines = [
        `Artifact ${ref.sha256}`,
        `  type     ${ref.type}${ref.rows === undefined ? '' : `, ${formatCount(ref.rows)} rows`}${ref.parts === undefined ? '' : ` in ${formatCount(ref.parts)} parts`}`,
        `  size     ${formatBytes(ref.size)}`,
        ...(asset ? [`  asset    ${asset.kind} ${asset.name}${asset.version === undefined ? '' : `@${asset.version}`}`] : []),
        ...(ref.preview ? [`  preview  ${ref.preview.replace(/\s+/g, ' ')}`] : []),
        `  kept     ${ref.uri ?? 'in the database'}`,
        ...useLines('made by', madeBy),
        ...useLines('taken by', takenBy),
      ];
      console.log(lines.join('\n'));
    }
    if (problem) throw new ArtifactCorrupt(problem);
  } finally {
    await session.close();
  }
}

const useFacts = ({ runId, pipeline, step, name, direction, at }: ArtifactUse) => ({
  runId,
  pipeline,
  step,
  [direction === 'out' ? 'output' : 'input']: name,
  startedAt: at.toISOString(),
});

const useLines = (head: string, uses: readonly ArtifactUse[]): string[] =>
  uses.length ? [`  ${head}`, ...uses.map(({ runId, pipeline, step, name }) => `    ${runId}/${step}/${name}  (${pipeline})`)] : [];
