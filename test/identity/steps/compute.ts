import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StepIdentity } from '../../../identity/step-identity.ts';
import { run } from '../../loader/project.ts';

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
export async function compute(requests: readonly Request[]): Promise<Computed[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-identities-')));
  try {
    const [input, output] = [join(folder, 'in.json'), join(folder, 'out.json')];
    writeFileSync(input, JSON.stringify(requests));
    const { code, stdout, stderr } = await run(folder, CHILD, input, output);
    if (code !== 0) throw new Error(`the child ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
