import { activityInfo, type Context } from '@temporalio/activity';

/** Heartbeats for an activity until disposed, every third of its heartbeat timeout: the worker speaks, not the step. */
export function beating(context: Context): Disposable {
  const every = Math.max(100, (activityInfo().heartbeatTimeoutMs ?? 10_000) / 3);
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), every);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
