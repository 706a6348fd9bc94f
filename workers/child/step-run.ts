import { format } from 'node:util';
import type { StepLogger, StepRun } from '../../pipelines/step-run.ts';
import type { ChildEvent, ChildTask } from '../step-pool.ts';

/** The run that a step's function gets as its second argument. What it reports goes to the worker. */
export function stepRun(task: ChildTask, signal: AbortSignal, emit: (event: ChildEvent) => void): StepRun {
  const log = (level: keyof StepLogger) => (message: string, fields?: Record<string, unknown>) =>
    emit({ kind: 'log', level, text: fields && Object.keys(fields).length ? `${message} ${format('%o', fields)}` : String(message) });
  return {
    runId: task.runId,
    pipeline: task.pipeline,
    step: task.step,
    attempt: task.attempt,
    signal,
    workDir: task.workDir,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    progress(fraction, message) {
      if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`progress(${fraction}): a fraction from 0 to 1 is expected`);
      emit({ kind: 'progress', fraction, message });
    },
    metric(name, value, options) {
      if (!Number.isFinite(value)) throw new RangeError(`metric('${name}', ${value}): a finite number is expected`);
      emit({ kind: 'metric', name, value, point: options?.step ?? null });
    },
  };
}
