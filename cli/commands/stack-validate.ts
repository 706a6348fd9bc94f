import { findProject } from '../../stacks/project.ts';
import { validateStack } from '../../stacks/validate.ts';
import { EXIT } from '../errors.ts';
import { printJson } from '../output.ts';

/** `flowyml stack validate`: really asks. Exits with 1 where something cannot be used. */
export async function validateStackCommand(name: string | undefined, options: { json?: boolean }): Promise<void> {
  const project = findProject(undefined, { stack: name, check: false });
  const spec = project.stacks[project.stack];
  const checks = spec ? await validateStack(spec, project) : [];
  if (options.json) printJson(checks);
  else
    for (const { component, ok, detail, remedy } of checks) {
      console.log(`${ok ? 'ok     ' : 'problem'}  ${component}: ${detail}`);
      if (!ok && remedy) console.log(`         to do: ${remedy}`);
    }
  if (checks.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
}
