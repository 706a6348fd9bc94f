import { joinSession, type Session } from '../../client/session.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { findProject } from '../../stacks/project.ts';
import { readHistoryFile } from '../../testing/history-file.ts';
import { type HistoryToReplay, type ReplayVerdict, replayHistories } from '../../testing/replay.ts';
import { EXIT } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { printJson } from '../output.ts';

interface ReplayCommandOptions {
  recent?: string;
  workflowId: string[];
  workflows?: string;
  json?: boolean;
}

const GRPC_NOT_FOUND = 5;

/** `flowyml replay`: does this code go on with the runs that others began? */
export async function replay(files: string[], options: ReplayCommandOptions): Promise<void> {
  const recent = wholeNumber(options.recent, '--recent');
  if (!files.length && recent === undefined && !options.workflowId.length)
    throw new UsageError('name histories to replay: files, --workflow-id ID, or --recent N for the newest runs of this project');
  // All are read before any is replayed: a file that is none must not be found after minutes.
  const read = files.map(readHistoryFile).map((named, i) => ({ ...named, workflowId: files[i] ?? named.workflowId }));
  const session = recent === undefined && !options.workflowId.length ? undefined : await joinSession(findProject());
  const verdicts: ReplayVerdict[] = [];
  try {
    const code = options.workflows === undefined ? {} : { workflowsPath: options.workflows };
    for await (const verdict of replayHistories(histories(read, session, options.workflowId, recent), code)) {
      verdicts.push(verdict);
      if (!options.json) console.log(line(verdict));
    }
  } finally {
    await session?.close();
  }
  const differ = verdicts.filter(({ ok }) => !ok).length;
  if (options.json) printJson(verdicts);
  else if (!verdicts.length) console.log('There is no run to replay.');
  else if (differ)
    console.log(`\n${differ} of ${verdicts.length} differ: deploying this code would stop runs like these where they stand.`);
  else console.log(`\nAll ${verdicts.length} replay: this code goes on with them.`);
  if (differ) process.exitCode = EXIT.failed;
}

const line = ({ ok, workflowId, type, events, difference }: ReplayVerdict) =>
  `${ok ? 'ok     ' : 'DIFFERS'}  ${workflowId}  (${type}, ${events} events)${difference ? `\n         ${difference.replaceAll('\n', '\n         ')}` : ''}`;

async function* histories(
  read: readonly HistoryToReplay[],
  session: Session | undefined,
  workflowIds: readonly string[],
  recent: number | undefined,
): AsyncGenerator<HistoryToReplay> {
  yield* read;
  if (!session) return;
  const { workflow } = session.temporal.client;
  for (const workflowId of workflowIds) yield { workflowId, history: await fetched(session, workflowId) };
  if (recent === undefined) return;
  let left = recent;
  // The server lists the newest first.
  for await (const { workflowId, runId } of workflow.list({ query: `TaskQueue = '${session.project.name}'` })) {
    if (left-- === 0) return;
    yield { workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() };
  }
}

async function fetched({ temporal: { client } }: Session, workflowId: string) {
  const { isGrpcServiceError } = await import('@temporalio/client');
  try {
    return await client.workflow.getHandle(workflowId).fetchHistory();
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== GRPC_NOT_FOUND) throw error;
    throw new UsageError(`--workflow-id ${workflowId}: Temporal has no workflow of that id (any more)`);
  }
}
