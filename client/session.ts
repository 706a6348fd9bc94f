import { type Database, migrateDatabase, openDatabase } from '../metadata/index.ts';
import { ServiceUnavailable, UsageError } from '../pipelines/errors.ts';
import { ensureServices, findServices, type ServiceOptions, type Services, servicesStatus } from '../services/index.ts';
import { metadataOptions } from '../stacks/metadata-store.ts';
import type { Project } from '../stacks/project.ts';
import type { TracerProvider } from '../tracing/index.ts';
import { connectTemporal, type TemporalClient } from './temporal.ts';

/** A project's services, connected. */
export interface Session {
  project: Project;
  services: Services;
  db: Database;
  temporal: TemporalClient;
  close(): Promise<void>;
}

export type SessionOptions = Pick<ServiceOptions, 'onProgress' | 'ports'>;

/** What services are asked for, for a project. */
export function serviceOptions(project: Project, options: SessionOptions = {}): ServiceOptions {
  return {
    ...options,
    root: project.root,
    project: project.name,
    ...metadataOptions(project),
  };
}

/**
 * Connects to a project's services, and starts those that do not run.
 * @throws ServiceUnavailable if one cannot be started or reached
 */
export async function startSession(project: Project, options: SessionOptions = {}): Promise<Session> {
  const services = await ensureServices(serviceOptions(project, options));
  await migrateDatabase(services.postgres.url);
  return connect(project, services);
}

/**
 * Connects to services that run already.
 * @throws UsageError if they do not run
 * @throws ServiceUnavailable if one that the environment names cannot be reached
 */
export async function joinSession(project: Project, tracerProvider?: TracerProvider): Promise<Session> {
  const services = await findServices(serviceOptions(project));
  if (!services) throw await notRunning(project);
  await migrateDatabase(services.postgres.url);
  return connect(project, services, tracerProvider);
}

async function notRunning(project: Project): Promise<Error> {
  const { temporal, postgres } = await servicesStatus(serviceOptions(project));
  const away = [
    ...(temporal.embedded || temporal.running ? [] : [`Temporal at ${temporal.address}, named by ${temporal.source}`]),
    ...(postgres.embedded || postgres.running ? [] : [`PostgreSQL at ${postgres.url}, named by ${postgres.source}`]),
  ];
  return away.length
    ? new ServiceUnavailable(`${away.join('; ')}: cannot be reached; start it, or correct what names it`)
    : new UsageError(`the services of ${project.root} do not run: start them with 'flowyml up'`);
}

async function connect(project: Project, services: Services, tracerProvider?: TracerProvider): Promise<Session> {
  const temporal = await connectTemporal(services.temporal, tracerProvider);
  const db = openDatabase(services.postgres.url);
  return {
    project,
    services,
    db,
    temporal,
    async close() {
      await Promise.allSettled([db.close(), temporal.close()]);
    },
  };
}
