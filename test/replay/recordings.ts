import { type Client, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { BACKFILL } from '../../pipelines/backfill.ts';
import { STATUS_QUERY } from '../../pipelines/run-request.ts';
import type { RunResult } from '../../pipelines/run-result.ts';

/** Starts a run, and gives its handle. */
export type Start = (pipeline: string, request?: object) => Promise<WorkflowHandle>;

/** Each makes one run, to its end; the name is that of the file. The pipelines are in pipelines.ts. */
export const RECORDINGS: Record<string, (start: Start) => Promise<WorkflowHandle>> = {
  chain: (start) => ends(start('chain', { tags: ['nightly'] })),
  'fan-out': (start) => ends(start('fan_out')),
  'diamond-groups': (start) => ends(start('diamond')),
  failure: (start) => ends(start('failure')),
  retry: (start) => ends(start('retry')),
  fallback: (start) => ends(start('fallback')),
  'fallback-fails': (start) => ends(start('fallback_fails')),
  continue: (start) => ends(start('goes_on')),
  'conditions-retrain': (start) => ends(start('conditions', { params: { drift: 0.9 } })),
  'conditions-keep': (start) => ends(start('conditions', { params: { drift: 0.1 } })),
  map: (start) => ends(start('map')),
  'map-of-nothing': (start) => ends(start('map', { params: { count: 0 } })),
  'map-fails': (start) => ends(start('map_fails')),
  'map-collects': (start) => ends(start('map_collects')),
  'approval-approved': async (start) => {
    const run = await waiting(start('approved'));
    await run.executeUpdate('approve', { args: [{ step: 'review', by: 'ann', comment: 'looks good' }] });
    return ends(run);
  },
  'approval-rejected': async (start) => {
    const run = await waiting(start('approved'));
    await run.signal('reject', { step: 'review', by: 'bob', comment: 'not yet' });
    return ends(run);
  },
  'approval-timed-out': (start) => ends(start('approval_fails')),
  'approval-timed-out-approves': (start) => ends(start('approval_passes')),
  'hooks-success': (start) => ends(start('hooks', { params: { way: 'well' } })),
  'hooks-failure': (start) => ends(start('hooks', { params: { way: 'badly' } })),
  'hooks-cancel': (start) => cancelled(start('hooks', { params: { way: 'for ever' } }), 'work'),
  segment: (start) => ends(start('segment')),
  'segment-fails': (start) => ends(start('segment_fails')),
  'pause-resume': async (start) => {
    const run = await start('slow');
    await until(run, ({ steps }) => steps.first?.status === 'running');
    await run.signal('pause');
    await until(run, ({ status, steps }) => status === 'paused' && steps.first?.status === 'succeeded');
    await run.signal('resume');
    return ends(run);
  },
  cancel: (start) => cancelled(start('endless'), 'watch'),
  'cancel-approval': async (start) => {
    const run = await waiting(start('approved'));
    await run.cancel();
    return ends(run);
  },
  'total-timeout': (start) => ends(start('limited')),
  'total-timeout-between': (start) => ends(start('limited_between')),
  // A time twice: the second is there already. More than its history is to hold.
  backfill: (start) =>
    ends(
      start(BACKFILL, {
        pipeline: 'failure',
        schedule: 'failure',
        request: {},
        times: [0, 0, ...Array.from({ length: 8 }, (_, i) => (i + 1) * 86_400)],
        concurrency: 2,
        retryFailed: false,
      }),
    ),
  'resume-from': async (start) => {
    const failed = await ends(start('repaired'));
    return ends(start('repaired', { resumeFrom: failed.workflowId, params: { ok: true } }));
  },
  'cache-cold': (start) => ends(start('diamond', { cache: true })),
  'cache-all': async (start) => {
    await ends(start('diamond', { cache: true }));
    return ends(start('diamond', { cache: true }));
  },
  // One step runs again and gives what it gave before: the cache is asked for what comes after it.
  'cache-recompute': async (start) => {
    await ends(start('diamond', { cache: true }));
    return ends(start('diamond', { cache: true, recompute: ['load'] }));
  },
  'cache-map': async (start) => {
    await ends(start('map', { cache: true }));
    return ends(start('map', { cache: true, recompute: ['list', 'total'] }));
  },
  'plan-refused': (start) => ends(start('chain', { params: { rat: 1 } })),
  // Recorded on a server that suggests to continue as new after 60 events: three executions, a file each.
  'continue-as-new': async (start) => {
    const run = await start('long');
    await until(run, ({ steps }) => steps.square?.status === 'succeeded');
    await approve(run, 'review');
    return ends(run);
  },
};

/** Whatever its end: that a run fails is what some are for. */
async function ends(started: WorkflowHandle | Promise<WorkflowHandle>): Promise<WorkflowHandle> {
  const run = await started;
  await run.result().catch(() => {});
  return run;
}

async function waiting(started: Promise<WorkflowHandle>): Promise<WorkflowHandle> {
  const run = await started;
  await until(run, ({ status }) => status === 'waiting');
  return run;
}

async function cancelled(started: Promise<WorkflowHandle>, step: string): Promise<WorkflowHandle> {
  const run = await started;
  await until(run, ({ steps }) => steps[step]?.status === 'running');
  await run.cancel();
  return ends(run);
}

/** An update is refused in the moment in which the run continues as new. */
async function approve(run: WorkflowHandle, step: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await run.executeUpdate('approve', { args: [{ step, by: 'ann' }] });
      return;
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError) || tries === 20) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function until(run: WorkflowHandle, holds: (result: RunResult) => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (holds(await run.query<RunResult, []>(STATUS_QUERY))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`run ${run.workflowId} did not get there`);
}

/** Starts runs on a queue, without the cache unless they ask for it. Each has its pipeline's name for an id, with a number after the first. */
export function starter(client: Client, taskQueue: string): Start {
  const started = new Map<string, number>();
  return (pipeline, request = {}) => {
    const count = (started.get(pipeline) ?? 0) + 1;
    started.set(pipeline, count);
    const workflowId = count > 1 ? `${pipeline}-${count}` : pipeline;
    return client.workflow.start(pipeline, { workflowId, taskQueue, args: [{ cache: false, ...request }] });
  };
}
