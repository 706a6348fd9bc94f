import { serviceOptions } from '../../client/session.ts';
import { doctor as check } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';
import { EXIT } from '../errors.ts';
import { printJson } from '../output.ts';

/** `flowyml doctor`: what is there, what is missing, and what to do about it. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const checks = await check(serviceOptions(findProject(undefined, { check: false })));
  if (options.json) printJson(checks);
  else {
    for (const { name, ok, detail, remedy } of checks) {
      console.log(`${ok ? 'ok     ' : 'missing'}  ${name}: ${detail}`);
      if (!ok && remedy) console.log(`         to do: ${remedy}`);
    }
  }
  if (checks.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
}
