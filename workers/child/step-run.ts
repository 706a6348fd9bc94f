import { mkdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { readJson, saveJsonValue } from '../../artifacts/json.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { Checkpoint, StepLogger, StepRun } from '../../pipelines/step-run.ts';
import type { Call } from './call-step.ts';

/** The run that a step's function gets as its second argument. What it reports goes to the worker. */
export function stepRun(call: Call, item?: { index: number; attempt: number }): StepRun {
  const { task, signal, emit } = call;
  const log = (level: keyof StepLogger) => (message: string, fields?: Record<string, unknown>) =>
    emit({
      kind: 'log',
      level,
      text: fields && Object.keys(fields).length ? `${message} ${inspect(fields, { breakLength: Infinity })}` : String(message),
    });
  return {
    runId: task.runId,
    pipeline: task.pipeline,
    step: task.step,
    attempt: item?.attempt ?? task.attempt,
    ...(task.scheduledTime === undefined ? {} : { scheduledTime: task.scheduledTime }),
    ...(item ? { index: item.index } : {}),
    ...(task.result ? { result: task.result } : {}),
    ...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
    signal,
    checkpoint: checkpoint(call),
    get workDir() {
      // Made when it is asked for: most steps never do.
      mkdirSync(task.workDir, { recursive: true });
      return task.workDir;
    },
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

/** Values go through the store where they are large; the worker keeps the reference in the database. */
function checkpoint({ task, store, emit }: Call): Checkpoint {
  let saved = task.checkpoint;
  return {
    async load<T extends JsonValue>() {
      return saved && ((await readJson(saved, store)) as T);
    },
    async save(value) {
      saved = await saveJsonValue('json', value, { store, workDir: task.workDir, output: 'checkpoint' });
      emit({ kind: 'checkpoint', ref: saved });
    },
  };
}
