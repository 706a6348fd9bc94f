import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { pack } from 'tar-fs';
import { onPath } from './docker.ts';

/** What base images are made of: no image can be pulled here, so this machine's own programs are put into one. */
export interface BaseImage {
  /** Such as `local/node:20`. */
  name: string;
  npm?: boolean;
  python?: boolean;
  /** Variables of the image. */
  env?: Record<string, string>;
}

const PROGRAMS = ['sh', 'cat', 'chmod', 'cp', 'env', 'id', 'ln', 'ls', 'mkdir', 'rm', 'sleep'];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Makes an image with Node, a shell, a few programs and the machine's certificates; its user 1000 is `node`. */
export async function makeBaseImage(client: Docker, { name, npm, python, env = {} }: BaseImage): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'flowyml-rootfs-'));
  try {
    for (const folder of ['bin', 'usr/bin', 'usr/local/bin', 'etc/ssl/certs', 'tmp', 'proc', 'sys', 'dev', 'root', 'home/node']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    addProgram(root, process.execPath, '/usr/local/bin/node');
    for (const program of PROGRAMS) addProgram(root, onPath(program) as string, `/bin/${program}`);
    if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(root, CERTIFICATES), { dereference: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
    writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    addOldLibraries(root);
    if (npm) addNpm(root);
    if (python) addPython(root);
    execFileSync('chmod', ['1777', join(root, 'tmp')]);
    const [repo, tag] = name.split(':');
    const variables = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...env }).map(
      ([key, value]) => `${key}=${JSON.stringify(value)}`,
    );
    const stream = await client.importImage(pack(root, { umask: 0 } as object) as unknown as string, {
      repo,
      tag,
      changes: `ENV ${variables.join(' ')}`,
    });
    await new Promise((resolve, reject) =>
      client.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve(undefined))),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs a command in a container of its own: what it printed, and, where it is not 0, its exit code. */
export async function runContainer(client: Docker, image: string, ...command: string[]): Promise<string> {
  const container = await client.createContainer({ Image: image, Cmd: command });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const logs = (await container.logs({ stdout: true, stderr: true })) as unknown as Buffer;
    let text = '';
    // Each piece of a log has a head of eight bytes.
    for (let at = 0; at < logs.length; at += 8 + logs.readUInt32BE(at + 4))
      text += logs.subarray(at + 8, at + 8 + logs.readUInt32BE(at + 4));
    return StatusCode ? `exit code ${StatusCode}: ${text.trim()}` : text.trim();
  } finally {
    await container.remove({ force: true });
  }
}

/** How packages are installed on this machine, for images that install some: its npm's and pip's own settings. */
export function packageSettings(): Record<string, string> {
  const ask = (command: string, ...args: string[]) => {
    try {
      return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  const index = process.env.PIP_INDEX_URL || ask('python3', '-m', 'pip', 'config', 'get', 'global.index-url');
  const certificates: Record<string, string> = existsSync(CERTIFICATES)
    ? {
        NODE_EXTRA_CA_CERTS: CERTIFICATES,
        npm_config_cafile: CERTIFICATES,
        PIP_CERT: CERTIFICATES,
        SSL_CERT_FILE: CERTIFICATES,
        REQUESTS_CA_BUNDLE: CERTIFICATES,
      }
    : {};
  return {
    npm_config_registry: ask('npm', 'config', 'get', 'registry'),
    npm_config_update_notifier: 'false',
    ...(index ? { PIP_INDEX_URL: index } : {}),
    ...certificates,
  };
}

function addProgram(root: string, from: string, to: string): void {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(realpathSync(from), target, { dereference: true });
  addLibraries(root, from);
}

/** The shared libraries of programs and modules, each at its own path. */
function addLibraries(root: string, ...files: string[]): void {
  // Of what is linked statically ldd says so, and fails.
  const listed = files.map((file) => {
    try {
      return execFileSync('ldd', [realpathSync(file)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return '';
    }
  });
  for (const [library] of listed.join('\n').matchAll(/\/\S+\.so\S*/g)) {
    const target = join(root, library);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(library), target);
  }
}

function addNpm(root: string): void {
  const command = realpathSync(onPath('npm') as string);
  const npm = dirname(dirname(command));
  cpSync(npm, join(root, 'usr/local/lib/npm'), { recursive: true, dereference: true });
  writeFileSync(join(root, 'usr/local/bin/npm'), '#!/bin/sh\nexec node /usr/local/lib/npm/bin/npm-cli.js "$@"\n', { mode: 0o755 });
}

/** This machine's Python with its standard library and pip, moved to /usr/local: it finds its library from where it lies. */
function addPython(root: string): void {
  const script =
    'import json,os,sys,sysconfig,pip;print(json.dumps([os.path.realpath(sys._base_executable),sysconfig.get_path("stdlib"),os.path.dirname(pip.__path__[0]),"%d.%d"%sys.version_info[:2]]))';
  const [binary, library, packages, version] = JSON.parse(execFileSync('python3', ['-c', script], { encoding: 'utf8' })) as [
    string,
    string,
    string,
    string,
  ];
  addProgram(root, binary, '/usr/local/bin/python3');
  const target = join(root, `usr/local/lib/python${version}`);
  const left = /\/(?:__pycache__|test|tests|idlelib|tkinter|site-packages|dist-packages|config-[^/]*)$/;
  cpSync(library, target, { recursive: true, dereference: true, filter: (path) => !left.test(path) });
  for (const folder of ['site-packages', 'dist-packages']) mkdirSync(join(target, folder));
  cpSync(join(packages, 'pip'), join(target, 'site-packages/pip'), { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
  rmSync(join(target, 'EXTERNALLY-MANAGED'), { force: true });
  writeFileSync(join(root, 'usr/local/bin/python'), '#!/bin/sh\nexec python3 "$@"\n', { mode: 0o755 });
  const modules = join(target, 'lib-dynload');
  addLibraries(root, ...readdirSync(modules).map((name) => join(modules, name)));
}

/** Parts of glibc that are empty today, and that programs built for older ones still ask for. */
function addOldLibraries(root: string): void {
  const [libc = ''] = /\/\S+\/libc\.so\S*/.exec(execFileSync('ldd', [process.execPath], { encoding: 'utf8' })) ?? [];
  for (const name of ['librt.so.1', 'libpthread.so.0', 'libdl.so.2', 'libutil.so.1']) {
    const library = join(dirname(libc), name);
    if (existsSync(library)) cpSync(realpathSync(library), join(root, library));
  }
}
