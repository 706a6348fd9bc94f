import { checked, given } from './config-class.ts';
import { hint } from './names.ts';

/** What an image is made of, and what its containers are given. `DockerConfig` as plain data; snake_case in flowyml.yaml. */
export interface DockerOptions {
  /** An image to use as it is; beside a build source, the name to build and push it under. */
  image?: string | undefined;
  /** A Dockerfile; relative to the project. */
  dockerfile?: string;
  /** The folder whose files the build sees; the project unless given. */
  buildContext?: string;
  buildArgs?: Record<string, string>;
  /** What a generated Dockerfile begins from. */
  baseImage?: string;
  /** Python requirements, as lines of a requirements file: one more layer on whatever else is installed. */
  requirements?: string[];
  /** A requirements file; relative to the project. Wins over Poetry's and uv's lock files. */
  requirementsFile?: string;
  /** Install what poetry.lock says. */
  usePoetry?: boolean;
  /** Poetry's dependency groups to install beside the main one. */
  poetryGroups?: string[];
  /** Extras of the project to install. */
  poetryExtras?: string[];
  /** Install what uv.lock says. */
  useUv?: boolean;
  /** Such as `linux/amd64`; several make an index. This machine's own unless given. */
  platforms?: string[];
  /** Variables of the containers: given at their start, never part of an image. */
  envVars?: Record<string, string>;
}

type Kind = 'text' | 'texts' | 'map' | 'switch';

const OPTIONS: Record<keyof DockerOptions, Kind> = {
  image: 'text',
  dockerfile: 'text',
  buildContext: 'text',
  buildArgs: 'map',
  baseImage: 'text',
  requirements: 'texts',
  requirementsFile: 'text',
  usePoetry: 'switch',
  poetryGroups: 'texts',
  poetryExtras: 'texts',
  useUv: 'switch',
  platforms: 'texts',
  envVars: 'map',
};

/** The keys of `DockerOptions`. */
export const DOCKER_KEYS = Object.keys(OPTIONS) as (keyof DockerOptions)[];

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const FITS: Record<Kind, [fits: (value: unknown) => boolean, expected: string]> = {
  text: [isText, 'a string'],
  texts: [(value) => Array.isArray(value) && value.every(isText), 'a list of strings'],
  map: [(value) => isMap(value) && Object.values(value).every((each) => typeof each === 'string'), 'names with strings as values'],
  switch: [(value) => typeof value === 'boolean', 'true or false'],
};

/** What is wrong with a description of an image: unknown keys and values of the wrong kind. An undefined value is no value. */
export function dockerProblems(docker: unknown, field: string): string[] {
  if (!isMap(docker)) return [`${field}: ${JSON.stringify(docker)} is not an object; known keys: ${DOCKER_KEYS.join(', ')}`];
  return Object.entries(docker).flatMap(([key, value]) => {
    if (!Object.hasOwn(OPTIONS, key)) return [`${field}: unknown key '${key}'${hint(key, DOCKER_KEYS)}`];
    const [fits, expected] = FITS[OPTIONS[key as keyof DockerOptions]];
    return value === undefined || fits(value) ? [] : [`${field}.${key}: ${JSON.stringify(value)} is not ${expected}`];
  });
}

/** Keys that say how an image is built; `image` beside one of them is its name. */
const BUILD_KEYS = [
  'dockerfile',
  'buildContext',
  'buildArgs',
  'baseImage',
  'requirements',
  'requirementsFile',
  'usePoetry',
  'useUv',
  'poetryGroups',
  'poetryExtras',
] as const;

/** An empty list or map, like `false`, asks for nothing. */
export function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : !!value;
}

/** The image that is used as it is: one that is named beside nothing that says how it is built. */
export const prebuiltImage = (docker: DockerOptions): string | undefined =>
  BUILD_KEYS.some((key) => isGiven(docker[key])) ? undefined : docker.image;

/** The image that steps run in. Keys that are undefined count as left out. */
export class DockerConfig implements DockerOptions {
  readonly image?: string;
  readonly dockerfile?: string;
  readonly buildContext?: string;
  readonly buildArgs?: Record<string, string>;
  readonly baseImage?: string;
  readonly requirements?: string[];
  readonly requirementsFile?: string;
  readonly usePoetry?: boolean;
  readonly poetryGroups?: string[];
  readonly poetryExtras?: string[];
  readonly useUv?: boolean;
  readonly platforms?: string[];
  readonly envVars?: Record<string, string>;

  /** Throws UsageError with every mistake. */
  constructor(options: DockerOptions = {}) {
    checked(dockerProblems(options, 'DockerConfig'));
    Object.assign(this, given(options));
  }

  toJSON(): DockerOptions {
    return given({ ...this } as DockerOptions);
  }
}
