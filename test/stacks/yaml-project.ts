import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FindOptions, findProject, type Project } from '../../stacks/project.ts';

/** The project of this flowyml.yaml, in a folder of its own that goes when the test ends. */
export function projectOf(yaml: string, options?: FindOptions): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-yaml-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'flowyml.yaml'), yaml);
  return findProject(root, options);
}

/** What is wrong with it, a line each, files without their folder. */
export function problemsOf(yaml: string, options?: FindOptions): string[] {
  try {
    projectOf(yaml, options);
  } catch (error) {
    return (error as Error).message.replaceAll(/\S*\/flowyml\.yaml/g, 'flowyml.yaml').split('\n');
  }
  return [];
}
