import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import { runCommand } from '../run-command.ts';

/**
 * What to put before PostgreSQL's programs. They refuse to run as root, and initdb as a user without a name: there they
 * get a user namespace in which this user goes by another number. To the rest of the system nothing changes, so they
 * can work in any folder that this user can.
 */
export async function userPrefix(): Promise<string[]> {
  if (process.getuid?.() !== 0 && hasName()) return [];
  const user = aNamedUser();
  const prefix = ['unshare', '--user', `--map-user=${user}`, `--map-group=${user}`];
  try {
    await runCommand('unshare', [...prefix.slice(1), 'true']);
    return prefix;
  } catch (error) {
    const who = process.getuid?.() === 0 ? 'root' : 'a user without a name';
    throw new ServiceUnavailable(
      `PostgreSQL refuses to run as ${who}, and no user namespace can be made for it here (${reasonOf(error)}). ` +
        'Run flowyml as an ordinary user, install `unshare` (util-linux 2.36 or later) if it is missing, ' +
        'or name a PostgreSQL that runs already in FLOWYML_DATABASE_URL.',
      { cause: error },
    );
  }
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** initdb asks for the user's name: 1000 where it has one, else `nobody` or whoever has. */
function aNamedUser(): number {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => Number(line.split(':')[2]))
    .filter((id) => id > 0);
  return users.includes(1000) ? 1000 : (users.at(-1) ?? 65_534);
}
