import { readFileSync, writeFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { UsageError } from '../../pipelines/errors.ts';
import { findProject } from '../../stacks/project.ts';
import { stackNamed } from './stack-show.ts';

/** `flowyml stack set`: every program and worker of the project reads it there. */
export async function setStack(name: string): Promise<void> {
  const project = findProject(undefined, { check: false });
  stackNamed(project, name);
  if (!project.file) throw new UsageError("there is no flowyml.yaml to write active_stack to: 'flowyml init' makes one");
  const document = parseDocument(readFileSync(project.file, 'utf8'));
  document.set('active_stack', name);
  writeFileSync(project.file, document.toString());
  console.log(`${name} is in use from now on (${project.file}).`);
  const { FLOWYML_STACK } = process.env;
  if (FLOWYML_STACK && FLOWYML_STACK !== name) console.error(`FLOWYML_STACK=${FLOWYML_STACK} still wins over it here.`);
}
