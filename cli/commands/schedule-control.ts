import type { OverlapPolicy } from '../../pipelines/schedule.ts';
import { printJson } from '../output.ts';
import { warnUnserved, withSchedules } from './schedule-target.ts';

/** `flowyml schedule pause`: no more runs until it is resumed. */
export async function pauseSchedule(name: string, { note }: { note?: string }): Promise<void> {
  await withSchedules(async (all) => {
    await all.pause(name, note);
    console.log(`Schedule ${name} is paused: runs that go on do so, it starts no more.`);
  });
}

/** `flowyml schedule resume`. */
export async function resumeSchedule(name: string, { note }: { note?: string }): Promise<void> {
  await withSchedules(async (all) => {
    await all.resume(name, note);
    console.log(`Schedule ${name} goes on. Times that passed meanwhile are not made up for: 'flowyml schedule backfill' does that.`);
  });
}

const NOT_STARTED = {
  overlap: 'a run of it is still going on: --overlap allowAll starts one all the same',
  buffered: 'a run of it is still going on: this one starts when that has ended',
  unknown: 'Temporal has not said within 10 s: see flowyml schedule show',
};

/** `flowyml schedule trigger`: a run now. */
export async function triggerSchedule(name: string, options: { overlap?: string; json?: boolean }): Promise<void> {
  await withSchedules(async (all, session) => {
    const done = await all.trigger(name, options.overlap === undefined ? {} : { overlap: options.overlap as OverlapPolicy });
    if (options.json) printJson(done.runId === undefined ? { runId: null, reason: done.reason } : done);
    else if (done.runId === undefined) console.log(`Not started: ${NOT_STARTED[done.reason]}.`);
    else console.log(`Run ${done.runId}`);
    const { pipeline } = await all.show(name, { runs: 1 });
    await warnUnserved(session, pipeline);
  });
}

/** `flowyml schedule delete`: its runs stay. */
export async function deleteSchedule(name: string): Promise<void> {
  await withSchedules(async (all) => {
    await all.delete(name);
    console.log(`Schedule ${name} is deleted; its runs stay.`);
  });
}
