import { ACTIVITIES, type RecordRunArgs } from '../pipelines/protocol.ts';
import type { OpenRunStatus } from '../pipelines/run-result.ts';
import { bookkeeping } from './activities.ts';
import type { Course } from './course.ts';
import { announceStatus } from './search-attributes.ts';

/** Tells the world outside how a run stands: the database, the search attributes. Only what has changed. */
export class Recorder {
  private status: OpenRunStatus = 'running';
  private waiting = '{}';

  /** A run that is resumed after it continued as new has told its state already. */
  constructor(status: OpenRunStatus, waiting: object) {
    this.status = status;
    this.waiting = JSON.stringify(waiting);
  }

  /** Writes what no step's worker writes: who waits, what was skipped, that the run pauses. */
  async record(course: Course): Promise<void> {
    const { state, planned, executionId } = course;
    const status = openStatus(course);
    const waiting = Object.fromEntries(state.waiting);
    const args: RecordRunArgs = { executionId };
    if (status !== this.status) args.status = status;
    if (JSON.stringify(waiting) !== this.waiting) args.waiting = waiting;
    if (state.hasSkipped) args.ends = state.takeSkipped();
    if (Object.keys(args).length === 1) return;
    if (args.status) announceStatus(planned, status);
    this.status = status;
    this.waiting = JSON.stringify(waiting);
    await bookkeeping[ACTIVITIES.recordRun](args);
  }
}

/** How a run that goes on stands: it waits where only people can make it go on. */
export function openStatus({ paused, state }: Pick<Course, 'paused' | 'state'>): OpenRunStatus {
  if (paused()) return 'paused';
  return state.waiting.size > 0 && state.running.size === 0 && state.ready === 0 ? 'waiting' : 'running';
}
