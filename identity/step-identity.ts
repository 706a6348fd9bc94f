import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hooksOf } from '../pipelines/hooks.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import { type AnyStep, isStep } from '../pipelines/step.ts';
import { alsoNamed, alsoParts, isVariable } from './also.ts';
import { codeHash } from './code-hash.ts';
import { sha256 } from './data.ts';
import { Evaluation } from './evaluation.ts';
import { Linker } from './linker.ts';
import { Loading } from './loaded.ts';
import { locate } from './locate.ts';
import { placesOf } from './origin.ts';
import { type IdentityPart, type Roots, Slice } from './slice.ts';

/** Changes whenever the same code is to get another identity. */
export const identityVersion = 'flowyml-step-1';

/** What a step's code is: the same as long as it does the same, on any machine and in any folder. */
export interface StepIdentity {
  /** SHA-256, in hex. */
  hash: string;
  /** What went into it, to show which of it is another. */
  parts: IdentityPart[];
  /** What the step may depend on that cannot be seen in its code. */
  warnings: string[];
}

/**
 * The identities of a pipeline's steps and hooks, by the names that they have in a run. A step's identity is its name, the
 * code that makes it without what is policy (retries, resources, group, …), all declarations of the project that this code
 * reaches, what prepares these when their modules are loaded, and the versions of the installed packages that it reaches.
 *
 * `module` is the file that the pipeline was loaded from, in this process. Where a step's code cannot be found (a copy of a
 * step, code made by `eval`), all that the module imports counts instead.
 * @throws what `fs` throws where the module cannot be read
 */
export async function stepIdentities(
  pipeline: AnyPipeline,
  module: string,
  options: { root?: string } = {},
): Promise<Map<string, StepIdentity>> {
  const identifier = new Identifier(realpathSync(module), options.root);
  const identities = new Map<string, StepIdentity>();
  for (const step of pipeline.steps.filter(isStep)) identities.set(step.name, identifier.identify(step));
  for (const { name, step } of hooksOf(pipeline)) if (isStep(step)) identities.set(name, identifier.identify(step));
  return identities;
}

class Identifier {
  private readonly linker: Linker;
  private readonly loading: Loading;
  private readonly module: string;
  private readonly root: string;
  private moduleHash: string | undefined;

  constructor(module: string, root: string | undefined) {
    this.module = module;
    this.root = root ? realpathSync(root) : projectFolder(module);
    this.linker = new Linker(this.root);
    this.loading = new Loading(this.linker, new Evaluation(this.linker));
  }

  identify(step: AnyStep): StepIdentity {
    const places = placesOf(step);
    const roots = places && locate(places, this.linker, step.name);
    const slice = new Slice(this.linker);
    if (roots) slice.take(roots, this.linker.module(this.module), this.loading);
    else this.takeModule(slice, step);
    return this.finish(step, slice, roots);
  }

  /** Never stale, but any change in the module's files is one of the step. */
  private takeModule(slice: Slice, step: AnyStep): void {
    this.moduleHash ??= codeHash(this.module);
    slice.lines.push(`module ${this.moduleHash}`);
    slice.list('module', this.linker.shown(this.module), this.moduleHash);
    slice.warnings.add(
      `step '${step.name}': the code that makes it was not found, so all that ${this.linker.shown(this.module)} imports counts`,
    );
  }

  private finish(step: AnyStep, slice: Slice, roots: Roots | undefined): StepIdentity {
    const makerFile = roots?.parts[0]?.part.module.source.file;
    const also = alsoParts(step, makerFile, this.root, (text) => slice.warnings.add(`step '${step.name}': ${text}`));
    const named = new Set(alsoNamed(step).filter(isVariable));
    for (const [name, label] of slice.environment) {
      if (!named.has(name)) slice.warnings.add(name === '*' ? `${label}: the environment` : `${label}: the environment variable ${name}`);
    }
    const lines = [identityVersion, JSON.stringify(step.name), ...slice.lines, ...also.map(({ hash }) => `also ${hash}`)];
    return { hash: sha256(lines.join('\n')), parts: [...slice.listed.values(), ...also], warnings: [...slice.warnings] };
  }
}

/** The nearest folder above with a flowyml.yaml, else with a package.json, else the module's own. */
function projectFolder(module: string): string {
  for (const marker of ['flowyml.yaml', 'package.json']) {
    for (let folder = dirname(module); ; folder = dirname(folder)) {
      if (existsSync(join(folder, marker))) return folder;
      if (dirname(folder) === folder) break;
    }
  }
  return dirname(module);
}
