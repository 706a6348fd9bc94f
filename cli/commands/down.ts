import { stopServices } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';

/** `flowyml down`: stops the project's services and background workers. */
export async function down(options: { purge?: boolean }): Promise<void> {
  const { root } = findProject(undefined, { check: false });
  const stopped = await stopServices({
    root,
    ...(options.purge ? { purge: true } : {}),
  });
  console.log(stopped.length ? `Stopped: ${stopped.join(', ')}` : 'Nothing was running.');
  if (options.purge) console.log('Deleted all that they kept.');
}
