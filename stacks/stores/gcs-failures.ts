import {
  CHANGED_ON_ITS_WAY,
  type Failure,
  firstLine,
  networkFailure,
  otherFailure,
  type StoreAction,
  withCauses,
} from './store-failure.ts';

const PERMISSION: Record<StoreAction, string> = {
  read: 'storage.objects.get',
  list: 'storage.objects.list',
  'write to': 'storage.objects.create, get, list and update',
  'delete from': 'storage.objects.delete',
};
const LOGIN = 'run: gcloud auth application-default login (or let GOOGLE_APPLICATION_CREDENTIALS name the key file of a service account)';

/** The HTTP status that an error of the client stands for. */
export function statusOf(error: unknown): number | undefined {
  for (const { code, status } of withCauses(error)) {
    for (const each of [code, status]) if (/^[1-5]\d\d$/.test(String(each))) return Number(each);
  }
  return undefined;
}

/** What an error of Google's client means. */
export function explainGcs(error: unknown, action: StoreAction, bucket: string, endpoint: string): Failure {
  const status = statusOf(error);
  const words = firstLine(error);
  if (/could not load the default credentials|invalid_grant|invalid_rapt|reauth/i.test(words) || isMissingKeyFile(error))
    return { passing: false, problem: `there are no valid Google credentials (${words})`, remedy: LOGIN };
  if (status === 401) return { passing: false, problem: 'Google does not accept the credentials (HTTP 401)', remedy: LOGIN };
  if (status === 403 && /billing|accountDisabled/i.test(words))
    return { passing: false, problem: `the project's billing account is closed (${words})`, remedy: 'open it in the Google Cloud console' };
  if (status === 403) {
    return {
      passing: false,
      problem: `the account may not do that: it needs ${PERMISSION[action]} (HTTP 403: ${words})`,
      remedy: `run: gcloud storage buckets add-iam-policy-binding gs://${bucket} --member=ACCOUNT --role=roles/storage.objectAdmin`,
    };
  }
  if (status === 400 && [...withCauses(error)].some((each) => /md5|crc32c|checksum/i.test(firstLine(each)))) return CHANGED_ON_ITS_WAY;
  if (status === 404) {
    return {
      passing: false,
      problem: 'there is no such bucket (HTTP 404)',
      remedy: `correct \`bucket\` in flowyml.yaml, or run: gcloud storage buckets create gs://${bucket}`,
    };
  }
  return (status === undefined && networkFailure(error, endpoint)) || otherFailure(error, status);
}

function isMissingKeyFile(error: unknown): boolean {
  const { code, path } = error as { code?: unknown; path?: unknown };
  return (
    (code === 'ENOENT' && typeof path === 'string') ||
    /GOOGLE_APPLICATION_CREDENTIALS|does not exist, or it is not a file/.test(firstLine(error))
  );
}
