import workerpool from 'workerpool';
import { loadModule } from '../../loader/load-module.ts';
import type { ChildTask } from '../step-pool.ts';
import { callStep } from './call-step.ts';
import { captureOutput } from './capture-output.ts';
import { startWatchdog } from './watchdog.ts';

// The entry of a step's process: `warm` loads modules ahead, `run` calls one step.

startWatchdog(process.ppid, Number(process.env.FLOWYML_STEP_MEMORY ?? 0));
captureOutput((event) => workerpool.workerEmit(event));

async function warm(modules: string[]): Promise<number> {
  for (const module of modules) await loadModule(module);
  return process.pid;
}

const run = (task: ChildTask) => callStep(task, (event) => workerpool.workerEmit(event));

workerpool.worker({ warm, run });
