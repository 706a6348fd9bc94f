import { type Finding, fine, wrong } from './stack-check.ts';

/** Where Google's APIs are; tests name a server of their own. */
export interface GoogleEndpoints {
  serviceUsage?: string;
  iam?: string;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LOG_IN =
  "run: gcloud auth login, then: gcloud auth application-default login; elsewhere let GOOGLE_APPLICATION_CREDENTIALS name a service account's key file";

/** An API that a stack needs, by what needs it. */
export const APIS = {
  'aiplatform.googleapis.com': 'Vertex AI API',
  'artifactregistry.googleapis.com': 'Artifact Registry API',
} as const;
export type Api = keyof typeof APIS;

/** Google, asked as the account that this program runs as. */
export class Google {
  private readonly endpoints: Required<GoogleEndpoints>;
  private readonly token: Promise<string>;

  constructor({ serviceUsage = 'https://serviceusage.googleapis.com', iam = 'https://iam.googleapis.com' }: GoogleEndpoints = {}) {
    this.endpoints = { serviceUsage, iam };
    this.token = token();
    this.token.catch(() => {});
  }

  /** Whether there are credentials that give a token. */
  async credentials(): Promise<Finding> {
    try {
      await this.token;
      return fine('Application Default Credentials give a token');
    } catch (error) {
      return wrong(`there are no valid Google credentials (${(error as Error).message.split('\n', 1)[0]})`, LOG_IN);
    }
  }

  async api(api: Api, project: string): Promise<Finding> {
    const name = APIS[api];
    const enable = `run: gcloud services enable ${api} --project=${project}`;
    const { status, said, state } = await this.get(`${this.endpoints.serviceUsage}/v1/projects/${project}/services/${api}`);
    if (status === 200)
      return state === 'ENABLED' ? fine(`enabled in ${project}`) : wrong(`the ${name} is not enabled in project ${project}`, enable);
    if (status === 403 && /SERVICE_DISABLED|has not been used|disabled/i.test(said))
      return wrong(
        `whether the ${name} is enabled cannot be asked: the Service Usage API is not`,
        `run: gcloud services enable serviceusage.googleapis.com ${api} --project=${project}`,
      );
    if (status === 401) return wrong('Google does not accept the credentials (HTTP 401)', LOG_IN);
    if (status === 403 || status === 404)
      return wrong(
        `whether the ${name} is enabled in project ${project} may not be asked, or there is no such project (HTTP ${status})`,
        `correct project_id, or run: gcloud projects add-iam-policy-binding ${project} --member=ACCOUNT --role=roles/serviceusage.serviceUsageViewer`,
      );
    return wrong(`Google answers HTTP ${status}${said ? `: ${said}` : ''}`, 'try again');
  }

  async serviceAccount(email: string, project: string | undefined): Promise<Finding> {
    const { status, said, disabled } = await this.get(`${this.endpoints.iam}/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}`);
    const [name, home = ''] = email.split('@');
    const inProject = project ? ` --project=${project}` : '';
    if (status === 200)
      return disabled
        ? wrong(`${email} is disabled`, `run: gcloud iam service-accounts enable ${email}${inProject}`)
        : fine(`${email} is there`);
    if (status === 404)
      return wrong(
        `there is no service account ${email}`,
        home.endsWith('.iam.gserviceaccount.com')
          ? `correct service_account, or run: gcloud iam service-accounts create ${name}${inProject}`
          : 'correct service_account',
      );
    if (status === 401) return wrong('Google does not accept the credentials (HTTP 401)', LOG_IN);
    if (status === 403 && /SERVICE_DISABLED|has not been used|disabled/i.test(said))
      return wrong('the IAM API is not enabled', `run: gcloud services enable iam.googleapis.com${inProject}`);
    if (status === 403)
      return wrong(
        `whether ${email} is there may not be asked (HTTP 403)`,
        `run: gcloud projects add-iam-policy-binding ${project ?? 'PROJECT'} --member=ACCOUNT --role=roles/iam.serviceAccountViewer; to run as it the account needs roles/iam.serviceAccountUser on it`,
      );
    return wrong(`Google answers HTTP ${status}${said ? `: ${said}` : ''}`, 'try again');
  }

  private async get(url: string): Promise<{ status: number; said: string; state?: string; disabled?: boolean }> {
    const response = await fetch(url, { headers: { authorization: `Bearer ${await this.token}` } });
    const body = (await response.json().catch(() => ({}))) as {
      state?: string;
      disabled?: boolean;
      error?: { message?: string; details?: { reason?: string }[] };
    };
    const { message = '', details = [] } = body.error ?? {};
    const said = [message.split('\n', 1)[0], ...details.flatMap(({ reason }) => reason ?? [])].filter(Boolean).join(', ');
    return { status: response.status, said, ...(body.state ? { state: body.state } : {}), ...(body.disabled ? { disabled: true } : {}) };
  }
}

async function token(): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library');
  // A token needs no project; looking for one costs a call, and a right that workload identities often lack.
  const client = await new GoogleAuth({ scopes: [SCOPE], projectId: 'none' }).getClient();
  const { token: found } = await client.getAccessToken();
  if (!found) throw new Error('they give no token');
  return found;
}
