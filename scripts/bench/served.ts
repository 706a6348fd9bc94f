import { checkRun, type Launchable, launchRun } from '../../launch.ts';
import { findPipeline, loadModule } from '../../loader/index.ts';
import type { RunResult } from '../../pipelines/run-result.ts';
import { createWorker } from '../../workers/index.ts';
import type { Workspace } from './workspace.ts';

/** Starts runs of a pipeline, as a client does, for whoever serves it. */
export async function client({ session }: Workspace, module: string): Promise<{ launchable: Launchable; start: StartRun }> {
  const { pipeline } = findPipeline(await loadModule(module));
  const launchable = { pipeline, module };
  return {
    launchable,
    async start(params) {
      const { codeHash } = await checkRun(session, launchable, { params });
      return (await launchRun(session, launchable, { params, codeHash })).result;
    },
  };
}

type StartRun = (params: Record<string, number>) => Promise<RunResult>;

/** Serves a pipeline by a worker in this process. */
export async function serve(
  workspace: Workspace,
  module: string,
  say: (line: string) => void,
  /** Any that the pipeline takes. */
  params: Record<string, number> = { seed: 0 },
): Promise<{ run: StartRun; stop(): Promise<void> }> {
  const { session } = workspace;
  const { launchable } = await client(workspace, module);
  const { codeHash } = await checkRun(session, launchable, { params });
  const worker = await createWorker({
    project: session.project,
    temporal: session.services.temporal,
    databaseUrl: session.services.postgres.url,
    pipelines: [launchable],
    log: (level, message) => say(`${level}: ${message}`),
  });
  const running = worker.run();
  running.catch(() => {});
  return {
    async run(params) {
      const { result } = await launchRun(session, launchable, { params, codeHash });
      return Promise.race([result, running.then(() => result)]);
    },
    async stop() {
      worker.shutdown();
      await running.catch(() => {});
    },
  };
}

/** When the first step's function of a run of `hello` began, as it said itself by this machine's clock. */
export function firstStepBegan({ steps }: RunResult): number {
  const { status, outputs } = steps.first ?? {};
  if (status !== 'succeeded') throw new Error(`the first step has not run: ${status}`);
  return Number(outputs?.began?.value);
}
