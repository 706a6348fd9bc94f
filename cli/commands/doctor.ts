import { serviceOptions } from '../../client/session.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { type Check, doctor as check } from '../../services/index.ts';
import { findProject, type Project } from '../../stacks/project.ts';
import { validateStack } from '../../stacks/validate.ts';
import { EXIT } from '../errors.ts';
import { printJson } from '../output.ts';

/** `flowyml doctor`: what is there, what is missing, and what to do about it; of the stack in use too. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const project = findProject(undefined, { check: false });
  const [services, stack] = await Promise.all([check(lenientOptions(project)), stackChecks(project)]);
  const checks = [...services, ...stack];
  if (options.json) printJson(checks);
  else {
    for (const { name, ok, detail, remedy } of checks) {
      console.log(`${ok ? 'ok     ' : 'missing'}  ${name}: ${detail}`);
      if (!ok && remedy) console.log(`         to do: ${remedy}`);
    }
  }
  if (checks.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
}

/** A metadata store that cannot even be read is told by the checks of the stack. */
function lenientOptions(project: Project): Parameters<typeof check>[0] {
  try {
    return serviceOptions(project);
  } catch (error) {
    if (error instanceof UsageError) return { root: project.root };
    throw error;
  }
}

async function stackChecks(project: Project): Promise<Check[]> {
  const spec = project.stacks[project.stack];
  const found = spec ? await validateStack(spec, project) : [];
  return found.map(({ component, ...rest }) => ({ name: `stack ${project.stack}: ${component}`, ...rest }));
}
