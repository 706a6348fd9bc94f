import { FlowymlError } from '../../pipelines/errors.ts';

/** A Dockerfile whose build failed, with its line and the last lines of output. */
export class ImageBuildFailed extends FlowymlError {
  readonly code = 'IMAGE_BUILD_FAILED';
}
