import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { isDatabaseAway } from '../metadata/index.ts';
import { ServiceUnavailable } from '../pipelines/errors.ts';

const GRPC_UNAVAILABLE = 14;

/** What an error says if it comes from a server that went away; undefined for any other. */
export function outage(error: unknown): ServiceUnavailable | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause) && cause.code === GRPC_UNAVAILABLE)
    return new ServiceUnavailable('Temporal does not answer', { cause: error });
  if (isDatabaseAway(error)) return new ServiceUnavailable('PostgreSQL does not answer', { cause: error });
  return undefined;
}
