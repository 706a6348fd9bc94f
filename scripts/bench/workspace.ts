import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Session, startSession } from '../../client/session.ts';
import { stopServices } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';

/** A project of the benchmarks' own in a temporary folder, with its own services. */
export interface Workspace {
  root: string;
  session: Session;
  /** The project's pipelines, by the names of their files. */
  modules: Record<keyof typeof MODULES, string>;
  /** Ends what runs and removes the folder. */
  remove(): Promise<void>;
}

const MODULES = {
  chain: 'chain.ts',
  fanOut: 'fan-out.ts',
  hello: 'hello.ts',
  map: 'map.ts',
  segment: 'segment.ts',
  threeSteps: 'three-steps.ts',
} as const;

// Whatever these name is not ours to load with work.
const NOT_OURS = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'FLOWYML_DATABASE_URL', 'FLOWYML_PROJECT', 'FLOWYML_STACK'];

export async function makeWorkspace(say: (line: string) => void): Promise<Workspace> {
  for (const name of NOT_OURS) delete process.env[name];
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-bench-')));
  const removeAll = async () => {
    await stopServices({ root, purge: true });
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    // Workers of the command serve `hello` alone; the others are named to those that need them.
    writeFileSync(join(root, 'flowyml.yaml'), 'project: bench\npipelines: pipelines/hello.ts\n');
    const modules = Object.fromEntries(Object.entries(MODULES).map(([name, file]) => [name, copy(root, file)])) as Workspace['modules'];
    const session = await startSession(findProject(root), { onProgress: say });
    return {
      root,
      session,
      modules,
      async remove() {
        await session.close();
        await removeAll();
      },
    };
  } catch (error) {
    await removeAll();
    throw error;
  }
}

function copy(root: string, name: string): string {
  const file = join(root, 'pipelines', name);
  mkdirSync(join(root, 'pipelines'), { recursive: true });
  copyFileSync(fileURLToPath(new URL(`./pipelines/${name}`, import.meta.url)), file);
  return file;
}
