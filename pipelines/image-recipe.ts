import type { DockerOptions } from './docker.ts';
import type { PlanWorkers } from './plan.ts';

/** Where steps run in containers: executors of one's own decide by whether the group has an image at all. */
export const needsImage = ({ executor, docker }: Pick<PlanWorkers, 'executor' | 'docker'>) =>
  executor.type === 'docker' || executor.type === 'vertex_ai' || docker !== undefined;

/** An image to use as it is: nothing is built. */
export function prebuilt(docker: DockerOptions = {}): string | undefined {
  const { image, envVars, platforms, ...source } = docker;
  return Object.values(source).some((value) => value !== undefined) ? undefined : image;
}
