import type Docker from 'dockerode';
import { CannotStart, type EndedWorker, type Executor, type RunningWorker, type WorkerRequest } from '../../stacks/executor.ts';
import { type DockerServer, docker } from '../../stacks/images/docker-server.ts';
import { endReason } from './container-end.ts';
import { containerOptions, LABELS, type ServerFacts } from './container-options.ts';
import { containerUser } from './container-user.ts';

/** What keeps the workers of a project apart from those of others. */
type Project = Parameters<Executor['running']>[0];

/**
 * Starts workers in containers on this machine's Docker.
 * @throws ServiceUnavailable where Docker does not run
 */
export async function dockerExecutor(): Promise<Executor> {
  return new DockerExecutor(await docker());
}

class DockerExecutor implements Executor {
  private readonly client: Docker;
  private facts: ServerFacts | undefined;

  constructor({ client }: DockerServer) {
    this.client = client;
  }

  async start(request: WorkerRequest): Promise<void> {
    if (!request.image) throw new CannotStart(`no image is known for group '${request.group}'`);
    const image = await this.image(request.image);
    const user = await containerUser(request.folders);
    const options = containerOptions(request, await this.server(), { workingDir: image.Config.WorkingDir ?? '' }, user);
    // One that ended a moment ago, and was not asked for yet, has the name.
    await this.remove(request.name);
    try {
      const container = await this.client.createContainer(options);
      await container.start();
    } catch (error) {
      await this.remove(request.name);
      throw refused(error as DockerError, request);
    }
  }

  async running(project: Project): Promise<RunningWorker[]> {
    const found = await this.client.listContainers({ filters: filters(project) });
    return found.map(workerOf);
  }

  async ended(project: Project): Promise<EndedWorker[]> {
    const found = await this.client.listContainers({ all: true, filters: { ...filters(project), status: ['exited', 'dead', 'created'] } });
    // One that was just made is about to start.
    const over = found.filter(({ State, Created }) => State !== 'created' || Date.now() / 1000 - Created > 60);
    return Promise.all(
      over.map(async (each) => {
        const reason = await endReason(this.client.getContainer(each.Id)).catch(ifGone);
        await this.remove(each.Id);
        return { ...workerOf(each), ...(reason === undefined ? {} : { reason }) };
      }),
    );
  }

  async stop(name: string): Promise<void> {
    await this.client.getContainer(name).stop({ t: 5 }).catch(ifGone);
    await this.remove(name);
  }

  private async remove(name: string): Promise<void> {
    await this.client.getContainer(name).remove({ force: true, v: true }).catch(ifGone);
  }

  /** The image, pulled where this machine does not have it. */
  private async image(name: string): Promise<Docker.ImageInspectInfo> {
    const image = this.client.getImage(name);
    const local = await image.inspect().catch(ifGone);
    if (local) return local;
    if (name.startsWith('sha256:'))
      throw new CannotStart(`image ${name.slice(0, 19)} is not in this machine's Docker: run 'flowyml stack apply', or 'flowyml run' here`);
    const { pullImage } = await import('../../stacks/images/pull.ts');
    await pullImage(this.client, name);
    return image.inspect();
  }

  private async server(): Promise<ServerFacts> {
    if (!this.facts) {
      const info = (await this.client.info()) as { NCPU: number; OperatingSystem: string };
      const isApart = /Docker Desktop/.test(info.OperatingSystem) || process.platform !== 'linux';
      this.facts = { cpus: info.NCPU, network: isApart ? 'forwarded' : 'shared' };
    }
    return this.facts;
  }
}

interface DockerError extends Error {
  statusCode?: number;
}

const filters = ({ name, root }: Project) => ({ label: [`${LABELS.project}=${name}`, `${LABELS.root}=${root}`] });

const workerOf = ({ Names, Labels }: Docker.ContainerInfo): RunningWorker => ({
  name: Names[0]?.replace(/^\//, '') ?? '',
  queue: Labels[LABELS.queue] ?? '',
});

function ifGone(error: DockerError): undefined {
  // 409: somebody else removes it just now.
  if (error.statusCode !== 404 && error.statusCode !== 409 && error.statusCode !== 304) throw error;
}

/** Docker's refusals are about what was asked of it; whatever else goes wrong may go right later. */
function refused(error: DockerError, { image, group, resources }: WorkerRequest): Error {
  const { statusCode, message } = error;
  const text = message.replace(/^\(HTTP code \d+\) [^-]*- /, '');
  if (/could not select device driver|nvidia/i.test(text))
    return new CannotStart(
      `group '${group}' asks for a GPU (${resources?.gpu ?? resources?.gpuCount}), and this machine's Docker has none to give: install the NVIDIA container toolkit, or run without`,
    );
  if (/executable file not found|no such file or directory|exec format error/.test(text))
    return new CannotStart(
      `image ${image} cannot run steps: ${text.trim()}. It needs Node 20 or later, and the project with its node_modules in its working directory (docs/images.md)`,
    );
  if (statusCode === 400 || statusCode === 404) return new CannotStart(`Docker refuses a container of ${image}: ${text.trim()}`);
  return error;
}
