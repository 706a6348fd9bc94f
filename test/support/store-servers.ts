import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import getPort from 'get-port';
import { until } from './project.ts';

/** A server of object storage, started for one test file. */
export interface StoreServer {
  port: number;
  endpoint: string;
  stop(): Promise<void>;
}

const TOOLS = {
  'fake-gcs-server': 'go install github.com/fsouza/fake-gcs-server@v1.56.1',
  versitygw: 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0',
  azurite: 'npm install --prefix "$FLOWYML_TEST_TOOLS" azurite@3.35.0',
};
type Tool = keyof typeof TOOLS;

export const S3_ROOT = { accessKeyId: 'flowyml-root', secretAccessKey: 'flowyml-root-secret' };
const AZURE_ACCOUNT = 'devstoreaccount1';
/** The one that all Azurites know. */
const AZURE_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Why the tests of a store cannot run here; false where they can, or where CI wants them to fail. */
export function lacks(tool: Tool): string | false {
  if (find(tool) || process.env.FLOWYML_CI_REQUIRE === '1') return false;
  return `no ${tool} on PATH, in FLOWYML_TEST_TOOLS or in Go's bin folder: ${TOOLS[tool]}`;
}

/** Google Cloud Storage: takes any credentials and knows no permissions. */
export async function startGcs(): Promise<StoreServer> {
  return start('fake-gcs-server', (port) => ['-scheme', 'http', '-host', '127.0.0.1', '-port', `${port}`, '-backend', 'memory']);
}

/** S3: strict about keys, checksums and conditions. `admin` runs its commands, to make users. */
export async function startS3(): Promise<StoreServer & { admin(...args: string[]): Promise<void> }> {
  const root = mkdtempSync(join(tmpdir(), 'flowyml-s3-'));
  const [data, iam] = [join(root, 'data'), join(root, 'iam')];
  mkdirSync(data);
  mkdirSync(iam);
  const keys = ['--access', S3_ROOT.accessKeyId, '--secret', S3_ROOT.secretAccessKey];
  const server = await start('versitygw', (port) => ['--port', `127.0.0.1:${port}`, ...keys, '--quiet', '--iam-dir', iam, 'posix', data]);
  return {
    ...server,
    async admin(...args) {
      const child = spawn(find('versitygw') ?? '', ['admin', ...keys, '--endpoint-url', server.endpoint, ...args], { stdio: 'ignore' });
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`versitygw admin ${args.join(' ')} ended with ${code}`);
    },
    async stop() {
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Azure Blob Storage. `connectionString` names another port, where a proxy stands in between. */
export async function startAzure(): Promise<
  StoreServer & { connectionString(port?: number, key?: string): string; account: string; key: string }
> {
  const server = await start('azurite', (port) => [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    `${port}`,
    '--silent',
    '--skipApiVersionCheck',
    '--inMemoryPersistence',
  ]);
  return {
    ...server,
    account: AZURE_ACCOUNT,
    key: AZURE_KEY,
    connectionString: (port = server.port, key = AZURE_KEY) =>
      `DefaultEndpointsProtocol=http;AccountName=${AZURE_ACCOUNT};AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/${AZURE_ACCOUNT};`,
  };
}

async function start(tool: Tool, argsFor: (port: number) => string[]): Promise<StoreServer> {
  const path = find(tool);
  if (!path) throw new Error(`${tool} is not here: ${TOOLS[tool]}`);
  const port = await getPort();
  const args = argsFor(port);
  // A script of Node's is started by Node itself: under npx it would outlive us.
  const child = tool === 'azurite' ? spawn(process.execPath, [path, ...args]) : spawn(path, args);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  try {
    await until(answers, `${tool} to answer on ${endpoint}`, 60_000, () => output);
  } catch (error) {
    await end(child);
    throw error;
  }
  return { port, endpoint, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function find(tool: Tool): string | undefined {
  const { FLOWYML_TEST_TOOLS, GOPATH, PATH = '' } = process.env;
  const name = tool === 'azurite' ? 'azurite-blob' : tool;
  const folders = [
    ...(FLOWYML_TEST_TOOLS ? [FLOWYML_TEST_TOOLS, join(FLOWYML_TEST_TOOLS, 'node_modules', '.bin')] : []),
    ...PATH.split(delimiter).filter(Boolean),
    join(GOPATH ?? join(homedir(), 'go'), 'bin'),
  ];
  return folders.map((folder) => join(folder, name)).find(existsSync);
}
