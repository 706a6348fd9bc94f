import type { StepEvent } from '../../activities/step-runner.ts';

/**
 * Sends what is written to stdout and stderr as events, in order with everything else that the step reports: the pipes
 * of the process may be read after its result. What native code writes past Node still goes through the pipes.
 */
export function captureOutput(emit: (event: StepEvent) => void): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder();
    process[stream].write = ((chunk: Uint8Array | string, encoding?: unknown, callback?: unknown) => {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      emit({ kind: 'output', stream, text });
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(() => done());
      return true;
    }) as typeof process.stdout.write;
  }
}
