import type { NativeConnection } from '@temporalio/worker';

// TASK_QUEUE_TYPE_ACTIVITY of Temporal's API.
const ACTIVITY = 2;

/** How many activity tasks wait in a queue, about. A server that does not count says nothing: then something may. */
export async function queueBacklog(connection: NativeConnection, namespace: string, queue: string): Promise<number> {
  const { stats } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: ACTIVITY,
    reportStats: true,
  });
  const count = stats?.approximateBacklogCount;
  return count === undefined || count === null ? 1 : Number(count);
}
