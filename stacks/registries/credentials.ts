import { UsageError } from '../../pipelines/errors.ts';
import { credentialsOfDocker } from './docker-config.ts';
import { providerOf } from './providers.ts';

/** What one shows a registry. Asked for where it is needed, never kept. */
export type Credentials =
  | { username: string; password: string }
  /** A token that the registry's token service turns into one of a few minutes. */
  | { username: string; identityToken: string };

const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * The credentials for a registry's host: those of Docker (`docker login`, credential helpers), else Google's or Amazon's
 * default ones for their hosts; undefined where there are none, and images are asked for as nobody in particular.
 * @throws UsageError where what keeps them fails
 */
export async function credentialsFor(host: string): Promise<Credentials | undefined> {
  const fromDocker = await credentialsOfDocker(host);
  if (fromDocker) return fromDocker;
  const { kind, region } = providerOf({ host, repository: '' });
  if (kind === 'google') return googleCredentials();
  if (kind === 'ecr' && region) return ecrCredentials(host, region);
  return undefined;
}

/** What Docker takes along to the registry, in its own words. */
export function authConfig(host: string, credentials: Credentials | undefined): Record<string, string> {
  if (!credentials) return {};
  const { username } = credentials;
  const secret: Record<string, string> =
    'password' in credentials ? { password: credentials.password } : { identitytoken: credentials.identityToken };
  return { username, ...secret, serveraddress: host };
}

async function googleCredentials(): Promise<Credentials | undefined> {
  const { GoogleAuth } = await import('google-auth-library');
  // A token needs no project; looking for one costs a call, and a right that workload identities often lack.
  const auth = new GoogleAuth({ scopes: [GOOGLE_SCOPE], projectId: 'none' });
  const client = await auth.getClient().catch((error: Error) => {
    if (/Could not load the default credentials/.test(error.message)) return undefined;
    throw new UsageError(`Google's default credentials cannot be read: ${error.message}`, { cause: error });
  });
  if (!client) return undefined;
  const { token } = await client.getAccessToken().catch((error: Error) => {
    throw new UsageError(`Google's default credentials give no token: ${error.message}. Run 'gcloud auth application-default login'`, {
      cause: error,
    });
  });
  return token ? { username: 'oauth2accesstoken', password: token } : undefined;
}

async function ecrCredentials(host: string, region: string): Promise<Credentials | undefined> {
  const { ECRClient, GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr');
  const client = new ECRClient({ region });
  try {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
    const token = authorizationData?.[0]?.authorizationToken;
    const [username = '', ...password] = Buffer.from(token ?? '', 'base64')
      .toString('utf8')
      .split(':');
    return username ? { username, password: password.join(':') } : undefined;
  } catch (error) {
    // Nobody is logged in: the registry answers, and its message says how one logs in.
    if ((error as Error).name === 'CredentialsProviderError') return undefined;
    const { name, message } = error as Error;
    throw new UsageError(`AWS gives no token for ${host} (ecr:GetAuthorizationToken in ${region}): ${name}: ${message}`, { cause: error });
  } finally {
    client.destroy();
  }
}
