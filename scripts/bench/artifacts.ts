import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Kind, Took, Way } from './artifacts/pass-through.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { startHelper } from './helper.ts';
import { peakDuring, residentMB } from './proc.ts';
import { elapsed, interleave, ratios } from './sampling.ts';

const GIB = 2 ** 30;
const BLOCK = 2 ** 24;
// Has a process load what a kind needs without making its buffers: those are part of the memory.
const SMALL = 2 ** 16;
const KINDS: readonly Kind[] = ['file', 'bytes', 'table'];
const COPY = 'cp and sha256sum';
const GOALS = { memoryMB: 128, ratio: 2 };
// A round moves some 10 GiB.
const MOST_ROUNDS = 2;

export const artifacts: Benchmark = {
  name: 'artifacts',
  title: '1 GiB through an artifact: kept in the local store, and fetched from it, each hashed',
  async run({ root }, options) {
    const source = randomFile(join(root, 'large.bin'), GIB);
    const small = randomFile(join(root, 'small.bin'), SMALL);
    const seconds = new Map<string, number[]>();
    const memory = new Map<Kind, number[]>();
    const note = (name: string, value: number) => seconds.set(name, [...(seconds.get(name) ?? []), value]);
    const contenders = [
      { name: COPY, measure: () => copyAndHash(source, join(root, 'copy.bin')) },
      ...KINDS.map((kind) => ({
        name: kind,
        async measure() {
          const { took, peak } = await passThrough(join(root, 'passing'), kind, source, small);
          note(kept(kind), took.kept);
          note(fetched(kind), took.fetched);
          if (peak !== undefined) memory.set(kind, [...(memory.get(kind) ?? []), peak]);
          return took.kept + took.fetched;
        },
      })),
    ];
    try {
      const totals = await interleave(contenders, { ...options, rounds: Math.min(MOST_ROUNDS, options.rounds), warmUp: 0 });
      seconds.set(COPY, totals.get(COPY) ?? []);
    } finally {
      for (const file of [source, small]) rmSync(file, { force: true });
    }
    const ways = KINDS.flatMap((kind) => [kept(kind), fetched(kind)]);
    return {
      measurements: [
        ...[COPY, ...ways].map((what): Measurement => ({ what, unit: 's', values: seconds.get(what) ?? [] })),
        ...[...memory].map(
          ([kind, values]): Measurement => ({ what: `${kind}: memory above idle`, unit: 'MB', values, goal: GOALS.memoryMB }),
        ),
      ],
      ratios: ways.map((what) => ({ what: `${what} / ${COPY}`, values: ratios(seconds, what, COPY), goal: GOALS.ratio })),
      notes: ['The store waits until the disk has what it keeps; cp does not.'],
    };
  },
};

const kept = (kind: Kind) => `${kind}: kept`;
const fetched = (kind: Kind) => `${kind}: fetched`;

/** One artifact, in a process and a store of its own. */
async function passThrough(folder: string, kind: Kind, source: string, small: string): Promise<{ took: Took; peak: number | undefined }> {
  const helper = await startHelper<Way, Took>(new URL('./artifacts/pass-through.ts', import.meta.url));
  try {
    await helper.ask({ kind, source: small, size: SMALL, folder: join(folder, 'small') });
    const idle = residentMB(helper.pid);
    let took: Took = { kept: Number.NaN, fetched: Number.NaN };
    const peak = await peakDuring(helper.pid, async () => {
      took = await helper.ask({ kind, source, size: GIB, folder: join(folder, 'large') });
    });
    return { took, peak: peak === undefined ? undefined : peak - idle };
  } finally {
    await helper.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function copyAndHash(source: string, copy: string): Promise<number> {
  const run = promisify(execFile);
  const ms = await elapsed(async () => {
    await run('cp', [source, copy]);
    await run('sha256sum', [copy]);
  });
  rmSync(copy);
  return ms / 1000;
}

/** Of whole blocks, or less than one. Random bytes, so that nothing below can make them smaller. */
function randomFile(path: string, size: number): string {
  writeFileSync(path, '');
  for (let written = 0; written < size; written += BLOCK) appendFileSync(path, randomFillSync(Buffer.alloc(Math.min(BLOCK, size))));
  return path;
}
