import { serviceOptions } from '../../client/session.ts';
import { liveWorkers, openDatabase, type WorkerRow } from '../../metadata/index.ts';
import { servicesStatus } from '../../services/index.ts';
import { findProject, type Project } from '../../stacks/project.ts';
import { printJson } from '../output.ts';

/** `flowyml status`: what runs of this project. Starts nothing. */
export async function status(options: { json?: boolean }): Promise<void> {
  const project = findProject();
  const { temporal, postgres, workers: background } = await servicesStatus(serviceOptions(project));
  const rows = postgres.running && postgres.url ? await workerRows(postgres.url, project) : [];
  const workers = [
    ...rows.map((row) => ({
      pid: row.pid,
      host: row.host,
      kind: background.some((b) => b.pid === row.pid) ? 'background' : 'foreground',
      pipelines: Object.keys(row.pipelines),
      ...(row.groups ? { groups: row.groups } : {}),
      startedAt: row.startedAt.toISOString(),
      ...(background.find((b) => b.pid === row.pid) ?? {}),
    })),
    ...background.filter((b) => !rows.some((row) => row.pid === b.pid)).map((b) => ({ ...b, pipelines: [] as string[] })),
  ];
  if (options.json) {
    printJson({ project: project.name, temporal, postgres, workers });
    return;
  }
  console.log(`Project      ${project.name} (${project.root})`);
  console.log(
    `Temporal     ${temporal.running ? `running at ${temporal.address}` : 'not running'}${temporal.running && temporal.ui ? `, Temporal Web ${temporal.ui}` : ''}`,
  );
  console.log(`PostgreSQL   ${postgres.running && postgres.url ? `running at ${new URL(postgres.url).host}` : 'not running'}`);
  for (const worker of workers)
    console.log(`Worker       pid ${worker.pid} (${worker.kind}), serves ${worker.pipelines.join(', ') || '(starting)'}`);
  if (!workers.length) console.log('Workers      none');
}

async function workerRows(url: string, project: Project): Promise<WorkerRow[]> {
  const db = openDatabase(url, { max: 1 });
  try {
    return await liveWorkers(db, project.name);
  } catch {
    // A database that was just made has no tables yet, and so no workers.
    return [];
  } finally {
    await db.close();
  }
}
