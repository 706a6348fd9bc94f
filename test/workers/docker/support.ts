import type Docker from 'dockerode';
import type { RunResult } from '../../../pipelines/run-result.ts';
import { makeProject, type TestProject, until } from '../../support/project.ts';
import { PROJECT_DOCKERFILE } from '../../support/runtime-image.ts';

/** A project whose groups run in containers: those of `data` in one image, those of `training` in another. */
export const FILES = {
  'flowyml.yaml': `project: PROJECT
active_stack: boxes
stacks:
  boxes: { type: local, executor: { type: docker, idle_timeout: 5 minutes } }
docker: { dockerfile: data.Dockerfile }
groups:
  training:
    docker: { dockerfile: training.Dockerfile, env_vars: { GREETING: hello } }
    resources: { cpu: 1, memory: 256Mi }
`,
  'data.Dockerfile': PROJECT_DOCKERFILE,
  'training.Dockerfile': `${PROJECT_DOCKERFILE}ENV KIND=training\n`,
  '.dockerignore': 'node_modules\n.flowyml\n.tmp\n',
};

/** Such a project with pipelines of its own, on a Docker server. */
export async function makeBoxes(docker: { host: string }, files: Record<string, string>): Promise<TestProject> {
  const project = await makeProject();
  for (const [path, text] of Object.entries({ ...FILES, ...files })) project.write(path, text.replaceAll('PROJECT', project.name));
  project.env.DOCKER_HOST = docker.host;
  return project;
}

/** The containers of a project, those that have ended too. */
export async function containersOf(client: Docker, project: TestProject): Promise<Docker.ContainerInfo[]> {
  return client.listContainers({ all: true, filters: { label: [`dev.flowyml.project=${project.name}`] } });
}

export const noneLeft = (client: Docker, project: TestProject) =>
  until(async () => (await containersOf(client, project)).length === 0, 'the end of all containers', 30_000);

export async function runOf(project: TestProject, ...args: string[]): Promise<{ code: number | null; result: RunResult; stderr: string }> {
  const { code, stdout, stderr } = await project.flowyml('run', ...args, '--json');
  if (!stdout) throw new Error(stderr);
  return { code, result: JSON.parse(stdout) as RunResult, stderr };
}
