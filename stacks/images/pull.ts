import type Docker from 'dockerode';
import { UsageError } from '../../pipelines/errors.ts';
import { authConfig, credentialsFor } from '../registries/credentials.ts';
import { registryProblem } from '../registries/problems.ts';
import { parseReference } from '../registries/reference.ts';
import { follow } from './build.ts';
import type { BuildMessage } from './build-progress.ts';

/**
 * Pulls an image into this machine's Docker.
 * @throws UsageError where the registry does not have it or does not let us, with what to do; ServiceUnavailable
 */
export async function pullImage(client: Docker, image: string): Promise<void> {
  const reference = parseReference(image);
  const credentials = await credentialsFor(reference.host);
  let problem: string | undefined;
  try {
    const stream = await client.pull(image, { authconfig: authConfig(reference.host, credentials) });
    await follow(client, stream, (message) => {
      const { error, errorDetail } = message as BuildMessage;
      problem ??= errorDetail?.message ?? error;
    });
  } catch (error) {
    const { statusCode, message } = error as Error & { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 500) throw error;
    problem = message;
  }
  if (problem === undefined) return;
  if (/not found|manifest unknown|does not exist/i.test(problem))
    throw new UsageError(`image ${image} is not in its registry: push it (flowyml stack apply), or correct its name`);
  throw registryProblem(reference, 'pull', problem);
}
