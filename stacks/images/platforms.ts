import { UsageError } from '../../pipelines/errors.ts';
import { nearest } from '../../pipelines/names.ts';

/** One machine's kind, as registries write it. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

const KNOWN = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/386', 'linux/ppc64le', 'linux/s390x', 'linux/riscv64'];
const ALIASES: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', 'arm64/v8': 'arm64' };
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386', arm: 'arm/v7', ppc64: 'ppc64le' };

/** The kind of this machine: what images are built for unless platforms are named. */
export const ownPlatform = () => `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;

/**
 * The platforms to build for, each once, sorted.
 * @throws UsageError for what is no platform of containers
 */
export function checkedPlatforms(platforms: readonly string[] | undefined): string[] {
  if (!platforms?.length) return [ownPlatform()];
  const names = platforms.map((given) => {
    const [os, ...rest] = given.trim().toLowerCase().split('/');
    const architecture = rest.join('/');
    const name = `${os}/${ALIASES[architecture] ?? architecture}`;
    if (KNOWN.includes(name)) return name;
    const near = KNOWN.find((known) => known.endsWith(`/${ALIASES[given] ?? given}`)) ?? nearest(name, KNOWN);
    throw new UsageError(
      `docker.platforms: '${given}' is no platform${near ? `; did you mean '${near}'?` : `; known: ${KNOWN.join(', ')}`}`,
    );
  });
  return [...new Set(names)].sort();
}

export function parsePlatform(name: string): Platform {
  const [os = '', architecture = '', variant] = name.split('/');
  return { os, architecture, ...(variant ? { variant } : {}) };
}
