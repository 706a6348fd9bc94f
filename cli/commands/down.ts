import { stopServices } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';
import { stopContainers } from '../../workers/docker/stop-containers.ts';

/** `flowyml down`: stops the project's services and background workers. */
export async function down(options: { purge?: boolean }): Promise<void> {
  const project = findProject(undefined, { check: false });
  const { root } = project;
  const containers = await stopContainers(project);
  const services = await stopServices({ root, ...(options.purge ? { purge: true } : {}) });
  // A worker that was about to end may have started one more.
  const stopped = [...services, ...containers, ...(await stopContainers(project))];
  console.log(stopped.length ? `Stopped: ${stopped.join(', ')}` : 'Nothing was running.');
  if (options.purge) console.log('Deleted all that they kept.');
}
