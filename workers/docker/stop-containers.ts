import { existsSync } from 'node:fs';
import { ServiceUnavailable } from '../../pipelines/errors.ts';
import { dockerHost } from '../../stacks/images/docker-host.ts';

/**
 * Ends the containers that workers of a project left behind: those of workers that were killed. Where no Docker runs there
 * are none. Gives their names.
 */
export async function stopContainers(project: { name: string; root: string }): Promise<string[]> {
  try {
    const { address } = dockerHost();
    const socket = /^unix:\/\/(.+)$/.exec(address)?.[1];
    if (socket !== undefined && !existsSync(socket)) return [];
    const { dockerExecutor } = await import('./docker-executor.ts');
    const executor = await dockerExecutor();
    const running = await executor.running(project);
    await Promise.all(running.map(({ name }) => executor.stop(name)));
    await executor.ended(project);
    return running.map(({ name }) => `container ${name}`);
  } catch (error) {
    // The services are to stop all the same. A Docker that does not run has none.
    if (!(error instanceof ServiceUnavailable)) console.error(`Containers were not looked for: ${(error as Error).message}`);
    return [];
  }
}
