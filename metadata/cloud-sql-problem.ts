import type { DatabaseAddress } from './address.ts';
import { type DatabaseProblem, firstLine, mistake } from './problem.ts';

type ApiError = Error & { code?: string | number; status?: number; response?: { status?: number } };

/** What Google's connector and API say. */
export function cloudSqlProblem(error: ApiError, address: DatabaseAddress): DatabaseProblem | undefined {
  const { instance, iam = false } = address.cloudSql ?? {};
  const parts = (instance ?? '').split(':');
  const name = parts.at(-1) ?? '';
  // One of an organization has a colon of its own.
  const project = parts.slice(0, -2).join(':');
  const inProject = `--project=${project}`;
  const said = firstLine(error.message);
  const status = error.response?.status ?? (typeof error.code === 'number' ? error.code : error.status);
  if (/default credentials|credential file|invalid_grant|invalid_rapt|reauth/i.test(said) || status === 401)
    return mistake(`there are no valid Google credentials (${said})`, 'run: gcloud auth application-default login');
  if (/SERVICE_DISABLED|has not been used in project|it is disabled/i.test(said))
    return mistake('the Cloud SQL Admin API is not enabled', `run: gcloud services enable sqladmin.googleapis.com ${inProject}`);
  if (status === 403)
    return mistake(
      `the account may not connect to the Cloud SQL instance ${instance}, or there is none (HTTP 403: ${said})`,
      `correct its name, or give the account the role: gcloud projects add-iam-policy-binding ${project} --member=ACCOUNT --role=roles/cloudsql.client`,
    );
  if (status === 404)
    return mistake(
      `there is no Cloud SQL instance ${instance} (HTTP 404)`,
      `correct its name; 'gcloud sql instances list ${inProject}' shows those that are there`,
    );
  if (error.code === 'EBADSQLADMINREGION')
    return mistake(
      `the Cloud SQL instance ${name} is in another region (${said})`,
      `correct the region; 'gcloud sql instances describe ${name} ${inProject} --format="value(connectionName)"' prints the whole name`,
    );
  if (/IPADDRESS/.test(String(error.code ?? '')))
    return mistake(
      `the Cloud SQL instance ${name} has no address of that kind (${said})`,
      'set ip_type to one that it has: public, private or psc',
    );
  if (iam && (error.code === '28000' || error.code === '28P01'))
    return mistake(
      `the Cloud SQL instance does not let '${address.user}' in by IAM (${said})`,
      `give the account the role roles/cloudsql.instanceUser, and make it a user: gcloud sql users create ${address.user} --instance=${name} ${inProject} --type=cloud_iam_service_account (or cloud_iam_user)`,
    );
  if (error.code === '3D000')
    return mistake(
      said,
      `create that database (gcloud sql databases create ${address.database} --instance=${name} ${inProject}), or name another`,
    );
  return undefined;
}
