import type { ArtifactStoreSpec } from '../../pipelines/stack-spec.ts';
import {
  CHANGED_ON_ITS_WAY,
  type Failure,
  firstLine,
  networkFailure,
  otherFailure,
  type StoreAction,
  withCauses,
} from './store-failure.ts';

const LOGIN = 'run: az login (or give the store a connectionString)';

/** The code of the service's own error: `BlobNotFound`. An answer to HEAD has it in a header only. */
export function codeOf(error: unknown): string {
  const { code, details, response } = error as {
    code?: unknown;
    details?: { errorCode?: unknown };
    response?: { headers?: { get(name: string): string | undefined } };
  };
  const found = details?.errorCode ?? response?.headers?.get('x-ms-error-code') ?? code;
  return typeof found === 'string' ? found : '';
}

/** For `catch`: the value given where the service answers with one of the codes. */
export function ifCode<T>(codes: readonly string[], value: T): (error: unknown) => T {
  return (error) => {
    if (codes.includes(codeOf(error))) return value;
    throw error;
  };
}

/** What an error of Azure's client means. */
export function explainAzure(
  error: unknown,
  action: StoreAction,
  { container, account }: Extract<ArtifactStoreSpec, { type: 'azure' }>,
  endpoint: string,
): Failure {
  const { statusCode: status } = error as { statusCode?: number };
  const code = codeOf(error);
  const lasting = (problem: string, remedy: string): Failure => ({ passing: false, problem, remedy });
  const names = [...withCauses(error)].map(({ name }) => name);
  if (names.some((name) => /^(CredentialUnavailableError|AggregateAuthenticationError|AuthenticationRequiredError)$/.test(String(name))))
    return lasting('no Azure credentials were found', LOGIN);
  if (names.includes('AuthenticationError')) return lasting(`Azure does not accept the login (${firstLine(error)})`, LOGIN);
  switch (code) {
    case 'AuthenticationFailed':
    case 'InvalidAuthenticationInfo':
      return lasting(
        `the key, signature or token is not accepted (${code})`,
        'correct connectionString, or run: az login; a clock that is off, or a SAS that has expired, looks the same',
      );
    case 'KeyBasedAuthenticationNotPermitted':
      return lasting('the storage account allows no keys', 'leave connectionString out, name `account`, and run: az login');
    case 'AuthorizationFailure':
      return lasting(
        `the key or signature does not fit or does not cover this, or the account's firewall forbids it (${code})`,
        "correct connectionString, and see the storage account's networking settings",
      );
    case 'ContainerNotFound':
    case 'ContainerBeingDeleted':
      return lasting(
        'there is no such container',
        `correct \`container\` in flowyml.yaml, or run: az storage container create --name ${container}${account ? ` --account-name ${account}` : ''} --auth-mode login`,
      );
    case 'InvalidResourceName':
      return lasting('the name is not one for a container', 'correct `container` in flowyml.yaml');
    case 'AccountIsDisabled':
      return lasting('the storage account is disabled', "see the subscription's state in the Azure portal");
  }
  if (code === 'Md5Mismatch' || (status === 400 && /contentMD5/i.test(firstLine(error)))) return CHANGED_ON_ITS_WAY;
  if (status === 403 || /^Authorization/.test(code)) {
    return lasting(
      `the account may not ${action === 'list' ? 'list it' : action.replace(/ (to|from)$/, ' there')} (${code || 'HTTP 403'})`,
      `give it the role Storage Blob Data Contributor: az role assignment create --role "Storage Blob Data Contributor" --assignee ACCOUNT --scope …/containers/${container}; a SAS needs the permissions rwdlac`,
    );
  }
  if (status === 401) return lasting('Azure does not accept the login (HTTP 401)', LOGIN);
  return (status === undefined && networkFailure(error, endpoint)) || otherFailure(error, status);
}
