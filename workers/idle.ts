import type { Database } from '../metadata/index.ts';
import { liveWorkers } from '../metadata/index.ts';

const LOOK_MS = 2000;
// Workers may be restarted meanwhile: a deployment, say.
const ABANDONED_MS = 60_000;

/** Tells a worker that serves one queue when it is no longer needed: it has long been idle, or nobody is there who plans runs. */
export function whenIdle(
  { db, project, busySince }: { db: Database; project: string; busySince(): { busy: boolean; since: number } },
  idleMs: number | undefined,
  stop: (reason: string) => void,
): () => void {
  let seen = Date.now();
  const timer = setInterval(async () => {
    const { busy, since } = busySince();
    if (busy) return;
    const idle = Date.now() - since;
    if (idleMs !== undefined && idle > idleMs) return stop(`idle for ${Math.round(idle / 1000)} s`);
    // A database that is away says nothing about workers.
    const others = await liveWorkers(db, project).catch(() => undefined);
    if (!others || others.some(({ pipelines }) => Object.keys(pipelines).length > 0)) seen = Date.now();
    else if (Math.min(Date.now() - seen, idle) > ABANDONED_MS) stop('no worker of the project is left');
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
