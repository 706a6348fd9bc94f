// `npm run lock`, after a dependency has changed. A registry that does not carry the packages of every platform makes npm
// leave them out of package-lock.json, and `npm ci` then refuses the file, on every machine. This writes them in: their
// versions are exact, their platforms are in their names. Only their checksums stay open.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = complete(lock.packages);
if (added) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${file}: ${added ? `${added} packages of other platforms added` : 'complete'}`);

function complete(packages) {
  let count = 0;
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isFound(packages, path, name)) continue;
      const { os, cpu, libc } = platform(name);
      if (!os || !/^\d+\.\d+\.\d+[^ ]*$/.test(version)) throw new Error(`${path}: ${name}@${version} is no package of one platform`);
      packages[`node_modules/${name}`] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
      count++;
    }
  }
  return count;
}

/** Whether Node, from the package at `path`, would find one of that name. */
function isFound(packages, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at && `${at}/`}node_modules/${name}`]) return true;
    if (!at) return false;
  }
}

/** `binding-linux-arm64-musl`: which machines it is for. */
function platform(name) {
  const parts = name.split('/').at(-1).split('-');
  const os = OS.find((each) => parts.includes(each));
  const cpu = CPU.find((each) => parts.includes(each));
  const libc = os === 'linux' && (parts.includes('musl') ? 'musl' : parts.includes('gnu') ? 'glibc' : undefined);
  return { os: os && [os], cpu: cpu && [cpu], libc: libc && [libc] };
}
