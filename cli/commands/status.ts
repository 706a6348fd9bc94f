import { serviceOptions } from '../../client/session.ts';
import { currentWorkers } from '../../client/workers.ts';
import { openDatabase, parseAddress, type WorkerRow } from '../../metadata/index.ts';
import { servicesStatus } from '../../services/index.ts';
import { findProject, type Project } from '../../stacks/project.ts';
import { printJson } from '../output.ts';

/** `flowyml status`: what runs of this project. Starts nothing. */
export async function status(options: { json?: boolean }): Promise<void> {
  const project = findProject(undefined, { check: false });
  const services = serviceOptions(project);
  const { temporal, postgres, workers: background } = await servicesStatus(services);
  // Of a server that is not ours, the status shows the address without its password.
  const database = postgres.embedded ? postgres.url : process.env.FLOWYML_DATABASE_URL || services.database?.url;
  const rows = postgres.running && database ? await workerRows(database, project) : [];
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
  const web = temporal.running && temporal.ui ? `, Temporal Web ${temporal.ui}` : '';
  console.log(`Temporal     ${state(temporal, temporal.address, temporal.source)}${web}`);
  console.log(`PostgreSQL   ${state(postgres, postgres.url && parseAddress(postgres.url).shown, postgres.source)}`);
  for (const worker of workers)
    console.log(
      `Worker       pid ${worker.pid} (${worker.kind}), serves ${worker.pipelines.join(', ') || '(starting)'}${ofGroups(worker)}`,
    );
  if (!workers.length) console.log('Workers      none');
}

function state(service: { running: boolean; embedded: boolean }, address: string | undefined, source: string | undefined): string {
  if (service.embedded) return service.running ? `running at ${address}` : 'not running';
  return `${service.running ? 'running' : 'cannot be reached'} at ${address}, named by ${source}`;
}

const ofGroups = (worker: object) => ('groups' in worker ? `; groups ${(worker.groups as string[]).join(', ')}` : '');

async function workerRows(url: string, project: Project): Promise<WorkerRow[]> {
  const db = openDatabase(url, { single: true });
  try {
    return await currentWorkers(db, project.name);
  } catch {
    // A database that was just made has no tables yet, and so no workers.
    return [];
  } finally {
    await db.close();
  }
}
