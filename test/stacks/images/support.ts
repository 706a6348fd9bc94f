import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DockerOptions } from '../../../pipelines/docker.ts';
import { ensureImage } from '../../../stacks/images/ensure-image.ts';
import { dockerMissing, startDocker } from '../../support/docker.ts';
import { type BaseImage, makeBaseImage, packageSettings, runContainer } from '../../support/images.ts';

export interface Folder {
  root: string;
  write(path: string, text: string): string;
  remove(): void;
}

/** A folder with these files. */
export function makeFolder(files: Record<string, string> = {}): Folder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-image-')));
  const write = (path: string, text: string) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Docker's settings with a password for a host. */
export const loggedIn = (host: string, username: string, password: string) =>
  JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } });

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));

/** Why images with packages cannot be built here; undefined where they can, and where they have to. */
export async function packagesMissing(): Promise<string | undefined> {
  if (process.env.FLOWYML_CI_REQUIRE === '1') return dockerMissing();
  const answer = await fetch(new URL('ms', packageSettings().npm_config_registry), { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return dockerMissing() ?? (answer?.ok ? undefined : 'npm packages cannot be reached');
}

/** A Docker server with these base images, and projects to build images of. */
export async function startBuilder(...bases: Omit<BaseImage, 'env'>[]) {
  const before = { ...process.env };
  const folders = [makeFolder()];
  const server = await startDocker();
  process.env.DOCKER_HOST = server.host;
  process.env.DOCKER_CONFIG = folders[0]?.root;
  for (const base of bases) await makeBaseImage(server.client, { ...base, env: packageSettings() });
  const lines: string[] = [];
  return {
    /** What the last build told. */
    lines,
    /** A project with these files, and with those of folders of `fixtures/`. */
    folder(files: Record<string, string>, ...fixtures: string[]): Folder {
      const made = makeFolder(files);
      for (const fixture of fixtures) cpSync(join(FIXTURES, fixture), made.root, { recursive: true });
      folders.push(made);
      return made;
    },
    async build(root: string, docker: DockerOptions): Promise<string> {
      lines.length = 0;
      return (await ensureImage({ docker, root, project: 'p', push: false, onProgress: (line) => lines.push(line) })).reference;
    },
    run: (image: string, ...command: string[]) => runContainer(server.client, image, ...command),
    async stop(): Promise<void> {
      await server.stop();
      for (const each of folders) each.remove();
      process.env = before;
    },
  };
}
