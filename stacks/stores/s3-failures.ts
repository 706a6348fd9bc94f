import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import { CHANGED_ON_ITS_WAY, type Failure, firstLine, networkFailure, otherFailure, type StoreAction } from './store-failure.ts';

const PERMISSION: Record<StoreAction, string> = {
  read: 's3:GetObject (and s3:ListBucket, without which a missing object looks forbidden)',
  list: 's3:ListBucket',
  'write to': 's3:PutObject, s3:GetObject, s3:AbortMultipartUpload and s3:ListBucket',
  'delete from': 's3:DeleteObject and s3:PutObject',
};
const LOGIN = 'run: aws configure (or aws sso login), or name a profile in AWS_PROFILE';

/** The code of S3's own error: `NoSuchKey`. */
export function codeOf(error: unknown): string {
  const { Code, name } = error as { Code?: unknown; name?: unknown };
  return typeof Code === 'string' ? Code : typeof name === 'string' ? name : '';
}

export function statusOf(error: unknown): number | undefined {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

/** For `catch`: undefined where a condition was not met, or another writes the same key just now. */
export function ifRefused(error: unknown): undefined {
  if (statusOf(error) === 412 || codeOf(error) === 'ConditionalRequestConflict') return undefined;
  throw error;
}

/** What an error of AWS's client means. */
export function explainS3(error: unknown, action: StoreAction, spec: Extract<ArtifactStoreSpec, { type: 's3' }>): Failure {
  const endpoint = spec.endpoint ?? 'Amazon S3';
  const status = statusOf(error);
  const code = codeOf(error);
  const lasting = (problem: string, remedy: string): Failure => ({ passing: false, problem, remedy });
  switch (code) {
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return lasting('no AWS credentials were found', LOGIN);
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return lasting('the AWS credentials have expired', 'run: aws sso login (or renew AWS_SESSION_TOKEN)');
    case 'InvalidAccessKeyId':
    case 'InvalidToken':
      return lasting(`the access key is not known there (${code})`, LOGIN);
    case 'SignatureDoesNotMatch':
      return lasting(`the secret key does not fit the access key (${code})`, LOGIN);
    case 'RequestTimeTooSkewed':
      return lasting("this machine's clock differs too much from the server's", 'set the clock, for example: timedatectl set-ntp true');
    case 'NoSuchBucket':
      return lasting('there is no such bucket', `correct \`bucket\` in flowyml.yaml, or run: aws s3 mb s3://${spec.bucket}`);
    case 'InvalidBucketName':
      return lasting('the name is not one for a bucket', 'correct `bucket` in flowyml.yaml');
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return lasting(`the bucket is in another region (${firstLine(error)})`, "set the store's `region` in flowyml.yaml");
    case 'BadDigest':
    case 'InvalidDigest':
    case 'XAmzContentChecksumMismatch':
    case 'XAmzContentSHA256Mismatch':
      return CHANGED_ON_ITS_WAY;
    case 'NotImplemented':
      return lasting(`the server lacks something that is needed (${firstLine(error)})`, 'use a server that obeys If-None-Match');
  }
  if (/region is missing/i.test(firstLine(error)))
    return lasting('no region is named', "set the store's `region` in flowyml.yaml, or AWS_REGION");
  if (status === 403)
    return lasting(
      `the account may not do that: it needs ${PERMISSION[action]} (HTTP 403)`,
      `allow it for arn:aws:s3:::${spec.bucket} and arn:aws:s3:::${spec.bucket}/*`,
    );
  if (status === 301) return lasting('the bucket is in another region', "set the store's `region` in flowyml.yaml");
  // Found behind a bucket that is none, or an endpoint that is no S3.
  if (status === 404) return lasting('there is no such bucket', 'correct `bucket` and `endpoint` in flowyml.yaml');
  return (status === undefined && networkFailure(error, endpoint)) || otherFailure(error, status);
}
