import { expect, it } from 'vitest';
import { registryProblem } from '../../stacks/registries/problems.ts';
import { parseReference } from '../../stacks/registries/reference.ts';

// Logging in to the registry of a region.
it.each(['us-central1', 'europe-west4'])('a push that is refused names the command for %s', (region) => {
  const image = parseReference(`${region}-docker.pkg.dev/my-project/components/train:v1`);
  const problem = registryProblem(image, 'push', 'denied: Unauthenticated request', 401);
  expect(problem.message).toContain(`gcloud auth configure-docker ${region}-docker.pkg.dev`);
});
