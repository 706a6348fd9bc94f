import { appendFileSync } from 'node:fs';
import { pipeline, step } from 'flowyml';
import { z } from 'zod';

// What the tests beside the storm run. Copied into the project of each.

const say = (line: string) => appendFileSync(process.env.CRASH_LEDGER as string, `${line}\n`);
const nap = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const n = z.number();
const params = { tag: z.string() };

/** Takes its worker along, each time. */
export const poison = pipeline('poison', {
  steps: [
    step({ name: 'before', params }, () => {}),
    step({ name: 'drop', params, after: ['before'] }, async ({ tag }, run) => {
      say(`${tag} drop ${run.attempt}`);
      process.kill(process.ppid, 'SIGKILL');
      await nap(60_000);
    }),
    step({ name: 'after', after: ['drop'] }, () => {}),
  ],
});

/** Three steps, one attempt each. */
export const plain = pipeline('plain', {
  steps: [
    step({ name: 'a', params, outputs: { x: n } }, async ({ tag }) => told(tag, 'a', 1)),
    step({ name: 'b', params, inputs: { x: n }, outputs: { y: n } }, async ({ tag, x }) => told(tag, 'b', x + 1)),
    step({ name: 'c', params, inputs: { y: n }, outputs: { z: n } }, async ({ tag, y }) => told(tag, 'c', y * 10)),
  ],
});

async function told(tag: string, name: string, value: number): Promise<number> {
  say(`${tag} ${name} starts in ${process.pid}`);
  await nap(700);
  say(`${tag} ${name} ends`);
  return value;
}

/** Waits to be killed, the first time. */
export const fragile = pipeline('fragile', {
  steps: [
    step({ name: 'tough', params, retry: { maxAttempts: 2, initialInterval: 20 }, outputs: { tries: n } }, wait),
    step({ name: 'weak', params, after: ['tough'] }, wait),
  ],
});

async function wait({ tag }: { tag: string }, run: { step: string; attempt: number }): Promise<number> {
  say(`${tag} ${run.step} ${run.attempt} in ${process.pid}`);
  if (run.step === 'weak' || run.attempt === 1) await nap(60_000);
  return run.attempt;
}

/** Makes a value that goes to the artifact store, and says a lot on the way. */
export const bulky = pipeline('bulky', {
  steps: [
    step({ name: 'make', params: { ...params, lines: n }, outputs: { rows: z.array(n) } }, ({ tag, lines }) => {
      say(`${tag} make`);
      for (let i = 0; i < lines; i++) console.log(`line ${i} ${'x'.repeat(90)}`);
      return Array.from({ length: 60_000 }, (_, i) => i);
    }),
    step({ name: 'count', params, inputs: { rows: z.array(n) }, outputs: { size: n } }, ({ rows }) => rows.length),
  ],
});

/** Says more than the database keeps of one attempt. */
export const chatty = pipeline('chatty', {
  steps: [
    step({ name: 'talk', params, outputs: { said: n } }, ({ tag }) => {
      say(`${tag} talk`);
      for (let i = 0; i < 15_000; i++) console.log(`line ${i} ${'x'.repeat(90)}`);
      return 15_000;
    }),
  ],
});

/** Long enough for the clock to jump twice while it works. */
export const slow = pipeline('slow', {
  steps: [
    step({ name: 'quick', params, outputs: { x: n } }, () => 1),
    step({ name: 'long', params, inputs: { x: n }, outputs: { y: n } }, async ({ tag, x }) => {
      say(`${tag} long`);
      await nap(6000);
      return x + Math.sign(Date.now());
    }),
    step(
      { name: 'timed', params, inputs: { y: n }, timeout: '20 seconds', totalTimeout: '2 minutes', outputs: { z: n } },
      async ({ tag, y }) => {
        say(`${tag} timed`);
        await nap(3000);
        return y + 1;
      },
    ),
  ],
});
