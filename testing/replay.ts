import { UsageError } from '../pipelines/errors.ts';
import { bundleOf } from '../workers/joined-workflows.ts';
import { installRuntime } from '../workers/runtime.ts';
import { workflowBundle } from '../workers/workflow-bundle.ts';
import { firstDifference } from './difference.ts';
import { historyFromJson, type NamedHistory } from './history-file.ts';

/** What a replay says of one history. */
export interface ReplayVerdict {
  workflowId: string;
  /** The workflow's type: of a run, its pipeline. */
  type: string;
  /** How many events the history has. */
  events: number;
  /** Whether this code goes on with it: it asks for the same things in the same order. */
  ok: boolean;
  /** The first difference, where there is one. */
  difference?: string;
}

/** A history, and the name that it is to be called by; without one, the id of its workflow. */
export interface HistoryToReplay {
  workflowId?: string;
  /** As a client's `fetchHistory()` gives it, or parsed from the JSON that `temporal workflow show --output json` writes. */
  history: unknown;
}

export interface ReplayOptions {
  /** The file with a worker's own workflows, which flowyml is part of; flowyml's alone unless given. */
  workflowsPath?: string;
}

/**
 * Replays histories of runs against the code there is, without a server: a deployment of it disturbs none of the runs that
 * pass.
 * @throws UsageError for something that is not a history
 *
 * @example
 * for await (const verdict of replayHistories([{ history: await client.temporal.workflow.getHandle(runId).fetchHistory() }])) {
 *   expect(verdict).toMatchObject({ ok: true });
 * }
 */
export async function* replayHistories(
  histories: Iterable<HistoryToReplay> | AsyncIterable<HistoryToReplay>,
  { workflowsPath }: ReplayOptions = {},
): AsyncGenerator<ReplayVerdict, void, undefined> {
  const { Worker } = await import('@temporalio/worker');
  const bundle = workflowsPath === undefined ? { codePath: await workflowBundle() } : await bundleOf(workflowsPath);
  for await (const given of histories) {
    const named = nameOf(given);
    const { workflowId, history } = named;
    // Not before there is something to replay: a runtime that no worker used would keep the process alive.
    installRuntime(() => {});
    const facts = { workflowId, type: started(named).workflowType?.name ?? '', events: history.events?.length ?? 0 };
    // One at a time: a history can be large, and the next one is fetched only when this one is done.
    for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, [{ workflowId, history }])) {
      yield error ? { ...facts, ok: false, difference: firstDifference(error, history) } : { ...facts, ok: true };
    }
  }
}

function nameOf({ workflowId, history }: HistoryToReplay): NamedHistory {
  if (typeof history !== 'object' || history === null || !Array.isArray((history as { events?: unknown }).events))
    throw new UsageError(
      "a history to replay must have its events: what fetchHistory() gives, or JSON of 'temporal workflow show --output json'",
    );
  // JSON has the names of event types, the SDK's own form their numbers.
  const [first] = (history as { events: { eventType?: unknown }[] }).events;
  const read = typeof first?.eventType === 'string' ? historyFromJson(history) : (history as NamedHistory['history']);
  const named = { workflowId: workflowId ?? '', history: read };
  return { ...named, workflowId: workflowId ?? started(named).workflowId ?? 'unnamed' };
}

/** What its first event says. */
function started({ history }: NamedHistory): { workflowId?: string | null; workflowType?: { name?: string | null } | null } {
  return history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
}
