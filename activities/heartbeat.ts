import { activityInfo, type Context } from '@temporalio/activity';

/**
 * Heartbeats for an activity until the function it gives is called, every third of its heartbeat timeout: the worker
 * speaks, not the step, which may block its CPU for an hour.
 */
export function beat(context: Context): () => void {
  const every = Math.max(100, (activityInfo().heartbeatTimeoutMs ?? 10_000) / 3);
  const timer = setInterval(() => context.heartbeat(), every);
  return () => clearInterval(timer);
}
