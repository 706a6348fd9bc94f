import type { ExecutorSpec } from '../../pipelines/stack-spec.ts';
import { customExecutor } from '../custom-executor.ts';
import { docker } from '../images/docker-server.ts';
import { NO_VERTEX } from '../place-problems.ts';
import { type Finding, fine, wrong } from './stack-check.ts';

/** Whether what is to run the steps can. */
export async function checkExecutor(spec: ExecutorSpec, project: { root: string; name: string }): Promise<Finding> {
  switch (spec.type) {
    case 'local':
      return fine("steps run on the project's workers");
    case 'docker':
      return fine('steps run in containers of this machine: see docker');
    case 'vertex_ai':
      return wrong(NO_VERTEX.problem, NO_VERTEX.remedy);
    case 'custom': {
      await customExecutor(spec, project);
      return fine(`${spec.module} is loaded`);
    }
  }
}

/** Docker, for containers and to build images. */
export async function checkDocker(): Promise<Finding> {
  const { version, platform, host } = await docker();
  return fine(`${version}, ${platform}, at ${host.address} (${host.from})`);
}
