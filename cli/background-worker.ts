import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Session, serviceOptions } from '../client/session.ts';
import { currentWorkers } from '../client/workers.ts';
import type { Launchable } from '../launch.ts';
import { nodeArguments } from '../loader/spawn.ts';
import { ServiceUnavailable } from '../pipelines/errors.ts';
import { recordBackgroundWorker, servicesStatus } from '../services/index.ts';

const START_MS = 60_000;

/**
 * Starts a worker that outlives this command, unless a background worker serves this very code already: any other may end
 * with the command that it is part of. `flowyml status` shows it, `flowyml down` ends it.
 * @throws ServiceUnavailable, with the end of its log, if it does not come up
 */
export async function ensureBackgroundWorker(session: Session, { pipeline, module }: Launchable, codeHash: string): Promise<void> {
  const { project, db } = session;
  const isServed = async () => {
    const { workers } = await servicesStatus(serviceOptions(project));
    const live = await currentWorkers(db, project.name);
    return live.some((row) => row.pipelines[pipeline.name] === codeHash && workers.some(({ pid }) => row.pid === pid));
  };
  if (await isServed()) return;
  const folder = join(project.root, '.flowyml', 'logs');
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `worker-${new Date().toISOString().replace(/[:.]/g, '-')}.log`);
  const out = openSync(log, 'a');
  const child = spawn(process.execPath, [...nodeArguments(new URL('./main.ts', import.meta.url)), 'worker', '--lenient', module], {
    cwd: project.root,
    // Ports are for the one worker that they were chosen for.
    env: { ...process.env, FLOWYML_STACK: project.stack, FLOWYML_METRICS_PORT: undefined, FLOWYML_HEALTH_PORT: undefined },
    detached: true,
    stdio: ['ignore', out, out],
  });
  await once(child, 'spawn');
  child.unref();
  if (child.pid !== undefined) await recordBackgroundWorker(project.root, { pid: child.pid, log });
  for (const end = Date.now() + START_MS; Date.now() < end; await wait(150)) {
    if (await isServed()) return;
    if (child.exitCode !== null || child.signalCode !== null) break;
  }
  child.kill();
  throw new ServiceUnavailable(
    `the background worker did not come up; its log (${log}) ends with:\n${readFileSync(log, 'utf8').split('\n').slice(-8).join('\n')}`,
  );
}
