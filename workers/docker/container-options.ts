import { posix } from 'node:path';
import type Docker from 'dockerode';
import { cores, quantityBytes, type ResourceOptions } from '../../pipelines/resources.ts';
import type { WorkerRequest } from '../../stacks/executor.ts';
import { fromContainer, type HostNetwork } from './addresses.ts';

/** What is known of the Docker server. */
export interface ServerFacts {
  cpus: number;
  network: HostNetwork;
}

/** What is known of the image. */
export interface ImageFacts {
  workingDir: string;
}

/** Whom a container's processes run as: never root. */
export interface ContainerUser {
  uid: number;
  gid: number;
}

export const LABELS = { project: 'dev.flowyml.project', root: 'dev.flowyml.root', queue: 'dev.flowyml.queue' };

// Node, the worker and Temporal's client, on top of what the step may use.
const WORKER_MEMORY = 384 * 2 ** 20;

/** How a worker's container is made: with the group's resources, no more rights than it needs, and no way to Docker. */
export function containerOptions(
  request: WorkerRequest,
  server: ServerFacts,
  image: ImageFacts,
  user: ContainerUser,
): Docker.ContainerCreateOptions {
  const home = image.workingDir || '/app';
  return {
    name: request.name,
    Image: request.image as string,
    // In the words of the image's own project: what it has installed.
    Entrypoint: ['node', 'node_modules/flowyml/bin/flowyml.mjs'],
    Cmd: request.args,
    WorkingDir: home,
    User: `${user.uid}:${user.gid}`,
    Env: Object.entries({ HOME: '/tmp', ...fromContainer(request.env, server.network) }).map(([name, value]) => `${name}=${value}`),
    Labels: { [LABELS.project]: request.project, [LABELS.root]: request.root, [LABELS.queue]: request.queue },
    // Steps write their temporary files there; it goes with the container.
    Volumes: { '/tmp': {} },
    HostConfig: {
      ...(server.network === 'shared' ? { NetworkMode: 'host' } : { ExtraHosts: ['host.docker.internal:host-gateway'] }),
      Mounts: [
        ...request.folders.map(({ path, writable }) => ({ Source: path, Target: placeOf(path, request.root, home), ReadOnly: !writable })),
        ...request.files.map((path) => ({ Source: path, Target: path, ReadOnly: true })),
      ].map((mount) => ({ Type: 'bind' as const, ...mount })),
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ...limits(request.resources ?? {}, server),
    },
  };
}

/** A folder of the project lies in the same place below the image's; any other where it lies here. */
function placeOf(path: string, root: string, home: string): string {
  const inside = path === root || path.startsWith(`${root}/`);
  return inside ? posix.join(home, path.slice(root.length)) : path;
}

function limits({ cpu, memory, gpu, gpuCount }: ResourceOptions, { cpus }: ServerFacts): Docker.HostConfig {
  const asked = cpu === undefined ? undefined : cores(cpu);
  const bytes = memory === undefined ? undefined : quantityBytes(memory, 'memory') + WORKER_MEMORY;
  const gpus = gpuCount ?? (gpu === undefined ? 0 : 1);
  return {
    // Docker refuses more than the machine has.
    ...(asked === undefined ? {} : { NanoCpus: Math.round(Math.min(asked, cpus) * 1e9) }),
    ...(bytes === undefined ? {} : { Memory: bytes, MemorySwap: bytes }),
    ...(gpus ? { DeviceRequests: [{ Driver: 'nvidia', Count: gpus, Capabilities: [['gpu']] }] } : {}),
  };
}
