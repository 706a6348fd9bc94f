import { type Session, startSession } from '../../client/session.ts';
import { parseAddress } from '../../metadata/index.ts';
import { registerSearchAttributes } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';
import { port } from '../options.ts';

interface UpOptions {
  temporalPort?: string;
  uiPort?: string;
  postgresPort?: string;
}

/** `flowyml up`: starts the project's services, and brings its tables up to date. */
export async function up(options: UpOptions): Promise<void> {
  const ports = {
    temporal: port(options.temporalPort, '--temporal-port'),
    ui: port(options.uiPort, '--ui-port'),
    postgres: port(options.postgresPort, '--postgres-port'),
  };
  const given = Object.fromEntries(Object.entries(ports).filter(([, value]) => value !== undefined));
  const session = await startSession(findProject(), { ports: given, onProgress: (line) => console.error(line) });
  const { temporal, postgres } = session.services;
  console.log(`Temporal     ${temporal.address}${temporal.ui ? `, Temporal Web ${temporal.ui}` : ''}`);
  console.log(`PostgreSQL   ${parseAddress(postgres.url).shown}`);
  if (!temporal.embedded) await register(session);
  if (temporal.embedded || postgres.embedded) console.log("They stay up until 'flowyml down'.");
  await session.close();
}

/** A server that is not ours need not let us: runs go without search attributes then, and this says what to do. */
async function register({ temporal: { client, connection } }: Session): Promise<void> {
  try {
    const added = await registerSearchAttributes(connection, client.options.namespace);
    if (added.length) console.log(`Search attributes registered: ${added.join(', ')}`);
  } catch (error) {
    console.error(`${(error as Error).message} Runs work without them.`);
  }
}
