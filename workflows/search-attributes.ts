import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { PlannedRun } from '../pipelines/protocol.ts';
import { SEARCH_ATTRIBUTES } from '../pipelines/run-request.ts';

const PROJECT = defineSearchAttributeKey(SEARCH_ATTRIBUTES.project, 'KEYWORD');
const STACK = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stack, 'KEYWORD');
const STATUS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status, 'KEYWORD');
const FAILED_STEP = defineSearchAttributeKey(SEARCH_ATTRIBUTES.failedStep, 'KEYWORD');
/** Temporal's own: schedules give it to what they start. */
const SCHEDULED_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');
const TAGS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.tags, 'KEYWORD_LIST');

// Each upsert costs milliseconds in the server: only a change of the run's own state is worth one.

/** Says what the run is, once. */
export function announceRun(planned: PlannedRun): void {
  if (!planned.searchAttributes) return;
  const pairs: SearchAttributePair[] = [
    { key: PROJECT, value: planned.project },
    { key: STACK, value: planned.stack },
  ];
  if (planned.tags?.length) pairs.push({ key: TAGS, value: planned.tags });
  upsertSearchAttributes(pairs);
}

/** Says which step the run failed at. */
export function announceFailure(planned: PlannedRun, step: string): void {
  if (planned.searchAttributes) upsertSearchAttributes([{ key: FAILED_STEP, value: step }]);
}

/** Says what Temporal's own status does not: that a run waits for people, or pauses. */
export function announceStatus(planned: PlannedRun, status: string): void {
  if (planned.searchAttributes) upsertSearchAttributes([{ key: STATUS, value: status === 'running' ? null : status }]);
}

/** The time for which one of Temporal's schedules started the run. */
export function scheduledTime(): { scheduledTime?: string } {
  const at = workflowInfo().typedSearchAttributes.get(SCHEDULED_TIME);
  return at ? { scheduledTime: at.toISOString() } : {};
}
