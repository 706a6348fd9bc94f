import { setTimeout as wait } from 'node:timers/promises';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const points = z.array(z.object({ x: z.number(), y: z.number() }));

export const loadPoints = step({ name: 'load_points', outputs: { points } }, () =>
  Array.from({ length: 200 }, (_, i) => ({ x: i / 200, y: 3 * (i / 200) + 1 + ((i * 7) % 11) / 100 })),
);

type State = { epoch: number; slope: number; intercept: number };

export const train = step(
  {
    name: 'train',
    description: 'Fits a line, and saves how far it is after each epoch.',
    inputs: { points },
    params: {
      epochs: z.int().min(1).default(40),
      epoch_ms: z.number().min(0).default(10).describe('how long an epoch takes at least'),
      crash_after: z.int().min(0).default(25).describe('the first attempt is killed after this epoch; 0: it is not'),
    },
    outputs: { line: z.object({ slope: z.number(), intercept: z.number(), epochs: z.int(), resumed_at: z.int() }) },
    retry: { maxAttempts: 2, initialInterval: '200 ms' },
  },
  async ({ points, epochs, epoch_ms, crash_after }, run) => {
    const start = (await run.checkpoint.load<State>()) ?? { epoch: 0, slope: 0, intercept: 0 };
    run.log.info(start.epoch ? `going on after epoch ${start.epoch}` : 'starting from nothing');
    let { epoch, slope, intercept } = start;
    while (epoch < epochs) {
      await wait(epoch_ms, undefined, { signal: run.signal });
      if (epoch === crash_after && crash_after && run.attempt === 1) process.kill(process.pid, 'SIGKILL');
      for (const { x, y } of points) {
        const error = slope * x + intercept - y;
        slope -= 0.1 * error * x;
        intercept -= 0.1 * error;
      }
      epoch++;
      await run.checkpoint.save({ epoch, slope, intercept });
      run.progress(epoch / epochs, `epoch ${epoch} of ${epochs}`);
    }
    return { slope, intercept, epochs: epoch - start.epoch, resumed_at: start.epoch };
  },
);

export default pipeline('long_training', {
  description: 'A step that is killed in the middle, and does not begin again.',
  steps: [loadPoints, train],
  cache: false,
});
