import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StepIdentity } from '../../../identity/step-identity.ts';
import { node, REGISTER } from '../../loader/project.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface Request {
  root: string;
  module: string;
}

export interface Computed {
  steps: Record<string, StepIdentity>;
  error?: string;
}

/** Loads each module and computes the identities of its steps, all in one process. */
export async function compute(requests: readonly Request[], env: Record<string, string> = {}): Promise<Computed[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-identities-')));
  try {
    const [input, output] = [join(folder, 'in.json'), join(folder, 'out.json')];
    writeFileSync(input, JSON.stringify(requests));
    const { code, stdout, stderr } = await node(folder, ['-C', 'flowyml-source', '--import', REGISTER, CHILD, input, output], env);
    if (code !== 0) throw new Error(`the child ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes a project. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}
