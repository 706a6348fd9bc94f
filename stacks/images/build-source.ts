import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type DockerOptions, isGiven, prebuiltImage } from '../../pipelines/docker.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { generateDockerfile, withRequirements } from './dockerfile.ts';
import { instructionsOf } from './dockerfile-instructions.ts';
import { dockerfileTraps, lastUser } from './dockerfile-traps.ts';
import { nodePackages } from './node-project.ts';
import { checkedPlatforms } from './platforms.ts';
import { type PythonPackages, pipPackages, poetryPackages, uvPackages } from './python-project.ts';

/** An image that is there already: used as it is. */
export interface Prebuilt {
  kind: 'prebuilt';
  image: string;
}

/** An image to build. */
export interface ImageBuild {
  kind: 'build';
  /** How its Dockerfile is called in messages: its path in the project, or `generated Dockerfile`. */
  name: string;
  /** Its text. */
  dockerfile: string;
  /** Of the user's own; undefined for a generated one. */
  file?: string;
  /** The folder whose files the build sees; absolute. */
  context: string;
  buildArgs: Record<string, string>;
  platforms: string[];
  /** The name to build and push under, where the user gave one. */
  image?: string;
  /** What to tell the user: what was found by itself, what is not used, what will not work. */
  notes: string[];
}

export type ImageSource = Prebuilt | ImageBuild;

/** Where a Dockerfile is looked for when nothing is said, in this order. */
const DOCKERFILES = ['Dockerfile', 'docker/Dockerfile', '.docker/Dockerfile'];
const PYTHON_IMAGE = 'python:3.11-slim';
const NODE_IMAGE = 'node:20-slim';

/**
 * What the image of these options is: one that is there, or what to build it from.
 * @param root the project's folder
 * @throws UsageError naming the key and the file
 */
export function imageSource(docker: DockerOptions, root: string): ImageSource {
  const { image, platforms } = docker;
  if (docker.usePoetry && docker.useUv)
    throw new UsageError('docker: use_poetry and use_uv exclude each other: keep the one whose lock file counts');
  const prebuilt = prebuiltImage(docker);
  if (prebuilt !== undefined) return { kind: 'prebuilt', image: prebuilt };
  const context = contextFolder(docker.buildContext, root);
  const file = dockerfileOf(docker, root, context);
  const made = file ? own(docker, file, root, context) : generated(docker, root, context);
  return { kind: 'build', context, platforms: checkedPlatforms(platforms), ...(image === undefined ? {} : { image }), ...made };
}

type Made = Pick<ImageBuild, 'name' | 'dockerfile' | 'file' | 'buildArgs' | 'notes'>;

function contextFolder(path = '.', root: string): string {
  const folder = resolve(root, path);
  // Above the project too: several that share packages are built from the folder that holds them all.
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`docker.build_context: there is no folder ${folder}`);
  return folder;
}

/** The user's own Dockerfile: the one named, else one that is found where nothing says how else to build. */
function dockerfileOf(
  { dockerfile, baseImage, requirementsFile, usePoetry, useUv }: DockerOptions,
  root: string,
  context: string,
): string | undefined {
  if (dockerfile !== undefined) {
    const file = resolve(root, dockerfile);
    if (existsSync(file) && statSync(file).isFile()) return file;
    throw new UsageError(`docker.dockerfile: there is no file ${file}`);
  }
  if (baseImage !== undefined || requirementsFile !== undefined || usePoetry || useUv) return undefined;
  return [...new Set([context, root])].flatMap((folder) => DOCKERFILES.map((name) => join(folder, name))).find((file) => existsSync(file));
}

function own(docker: DockerOptions, file: string, root: string, context: string): Made {
  const { requirements = [], buildArgs = {}, baseImage } = docker;
  const name = relative(root, file);
  const text = readFileSync(file, 'utf8');
  if (!instructionsOf(text).some(({ keyword }) => keyword === 'FROM'))
    throw new UsageError(`${file}: no FROM in it: it describes no image`);
  // The Dockerfile copies them: better told before the build.
  if (docker.usePoetry) poetryPackages(context, docker.poetryGroups, docker.poetryExtras);
  if (docker.useUv) uvPackages(context);
  const takesBase = instructionsOf(text).some(({ keyword, rest }) => keyword === 'ARG' && /^BASE_IMAGE\b/.test(rest));
  const notes = dockerfileTraps(text, name);
  if (docker.dockerfile === undefined) notes.unshift(`${name} found`);
  if (docker.requirementsFile !== undefined) notes.push(`docker.requirements_file is not used: ${name} says what is installed`);
  if (baseImage !== undefined && !takesBase) notes.push(`docker.base_image is not used: ${name} has no ARG BASE_IMAGE`);
  const ignores = [`${file}.dockerignore`, join(context, '.dockerignore')].some(existsSync);
  if (!ignores && existsSync(join(context, '.git')))
    notes.push(`no .dockerignore: .git is part of what ${name} sees, and makes another image of every commit`);
  return {
    name,
    file,
    dockerfile: requirements.length ? withRequirements(text, checkedLines(requirements), lastUser(text)) : text,
    buildArgs: { ...(baseImage !== undefined && takesBase ? { BASE_IMAGE: baseImage } : {}), ...buildArgs },
    notes,
  };
}

function generated(docker: DockerOptions, root: string, context: string): Made {
  const { requirements = [], buildArgs = {} } = docker;
  const baseHasNode = isNode(docker.baseImage);
  const { python, notes } = pythonOf(docker, root, context, baseHasNode);
  const node = nodePackages(context);
  if (!python && !node && !requirements.length) {
    throw new UsageError(
      `docker: nothing in ${context} says what to build: no ${DOCKERFILES.join(', ')}, poetry.lock, uv.lock, requirements.txt or package.json. Set docker.image or docker.dockerfile`,
    );
  }
  const needsPython = python !== undefined || requirements.length > 0;
  const baseImage = docker.baseImage ?? (needsPython ? PYTHON_IMAGE : NODE_IMAGE);
  const isNodeBase = baseHasNode || (docker.baseImage === undefined && !needsPython);
  if (node && /alpine/.test(basename(baseImage))) {
    throw new UsageError(`docker.base_image: ${baseImage} has no glibc, which Temporal's worker needs: take a -slim image`);
  }
  if (!node) notes.push(`no package.json in ${context}: the image has no Node and no flowyml, so steps cannot run in it by themselves`);
  const nodeImage = isNodeBase ? baseImage : NODE_IMAGE;
  const recipe = { baseImage, nodeImage, baseHasNode: isNodeBase, python, node, requirements: checkedLines(requirements) };
  return { name: 'generated Dockerfile', dockerfile: generateDockerfile(recipe), buildArgs, notes: [...notes, ...(node?.notes ?? [])] };
}

/** Told by the name: nothing is pulled to find out. */
const isNode = (image: string | undefined) => image !== undefined && /(?:^|[/_-])node(?:js)?(?:[:@_-]|$)/.test(image);

function pythonOf(
  docker: DockerOptions,
  root: string,
  context: string,
  baseHasNode: boolean,
): { python?: PythonPackages; notes: string[] } {
  const { requirementsFile, usePoetry, useUv, poetryGroups, poetryExtras } = docker;
  const wantsPoetry = usePoetry || isGiven(poetryGroups) || isGiven(poetryExtras);
  if (wantsPoetry && (useUv || usePoetry === false))
    throw new UsageError('docker: poetry_groups and poetry_extras count only with use_poetry: true');
  if (requirementsFile !== undefined) {
    const notes =
      wantsPoetry || useUv ? [`${requirementsFile} is installed, not ${useUv ? 'uv' : 'poetry'}.lock: docker.requirements_file wins`] : [];
    return { python: pipPackages(context, relative(context, resolve(root, requirementsFile))), notes };
  }
  if (wantsPoetry) return { python: poetryPackages(context, poetryGroups, poetryExtras), notes: [] };
  if (useUv) return { python: uvPackages(context), notes: [] };
  const has = (name: string) => existsSync(join(context, name));
  const locks = [...(usePoetry === false ? [] : ['poetry.lock']), ...(useUv === false ? [] : ['uv.lock'])];
  const file = [...locks.filter((name) => has(name) && has('pyproject.toml')), 'requirements.txt'].find(has);
  if (!file) return { notes: locks.length === 2 && has('pyproject.toml') ? [noLock(context)] : [] };
  if (baseHasNode)
    return { notes: [`${file} is not installed: ${docker.baseImage} is an image of Node. Set docker.base_image to one of Python`] };
  const found = [`${file} found`];
  if (file === 'poetry.lock') return { python: poetryPackages(context), notes: found };
  if (file === 'uv.lock') return { python: uvPackages(context), notes: found };
  return { python: pipPackages(context, file), notes: found };
}

const noLock = (context: string) =>
  `${join(context, 'pyproject.toml')} has no lock file beside it, so nothing of it is installed: run 'poetry lock' or 'uv lock'`;

/** @throws UsageError for an entry of several lines */
function checkedLines(requirements: readonly string[]): readonly string[] {
  const bad = requirements.find((line) => /[\r\n]/.test(line));
  if (bad !== undefined) throw new UsageError(`docker.requirements: ${JSON.stringify(bad)} holds a line break: one entry a line`);
  return requirements;
}
