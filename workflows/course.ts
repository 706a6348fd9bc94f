import { workflowInfo } from '@temporalio/workflow';
import type { PlannedRun } from '../pipelines/protocol.ts';
import type { Approvals } from './approvals.ts';
import type { RunState } from './state.ts';
import type { Window } from './window.ts';

/** What the parts of a run's workflow share. */
export interface Course {
  executionId: string;
  planned: PlannedRun;
  state: RunState;
  window: Window;
  approvals: Approvals;
  paused(): boolean;
}

// Where a run continues as new though steps are still running: well below the 51,200 events at which Temporal ends it.
const HISTORY_LIMIT = 30_000;

/** Whether the history has grown so long that nothing new should be added to it. */
export function isFull(course: Pick<Course, 'state'>): boolean {
  const info = workflowInfo();
  // Below the limit, what runs long need not be waited for: the run continues as new when nothing is running.
  return info.historyLength > HISTORY_LIMIT || (info.continueAsNewSuggested && course.state.running.size === 0);
}
