import { setTimeout as wait } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { describeRun, type RunDescription } from '../client/describe-run.ts';
import { duration } from '../client/summary.ts';
import { type Database, findRun } from '../metadata/index.ts';
import type { StepResult, StepStatus } from '../pipelines/run-result.ts';

const POLL_MS = 150;
// More steps than fit on a screen are shown by their number.
const SHOWN = 25;
// Where there is no terminal, lines are long, but not endless.
const LINE = 300;

/** What shows a run while it goes on. */
export interface FollowedRun {
  /** Says a line above what is drawn. */
  say(line: string): void;
  stop(): Promise<void>;
}

/** Shows a run's steps as they go, until stopped: redrawn on a terminal, a line for each change elsewhere. */
export function followRun(db: Database, runId: string, pipeline: string): FollowedRun {
  const terminal = process.stderr.isTTY && !process.env.CI;
  const controller = new AbortController();
  const show = terminal ? drawSteps : changedSteps(pipeline);
  const update = async () => {
    const row = await findRun(db, runId);
    if (row) show(await describeRun(db, row));
  };
  const following = (async () => {
    while (!controller.signal.aborted) {
      // What cannot be shown now is shown a moment later.
      await update().catch(() => {});
      await wait(POLL_MS, undefined, { signal: controller.signal }).catch(() => {});
    }
    await update().catch(() => {});
    if (terminal) logUpdate.done();
  })();
  return {
    say: (line) => (terminal ? logUpdate.persist(`${line}\n`) : console.error(line)),
    async stop() {
      controller.abort();
      await following;
    },
  };
}

const MARKS: Record<StepStatus, string> = {
  pending: pc.dim('·'),
  running: pc.cyan('▶'),
  waiting: pc.yellow('…'),
  succeeded: pc.green('✓'),
  cached: pc.green('='),
  skipped: pc.dim('-'),
  failed: pc.red('✗'),
  cancelled: pc.yellow('✗'),
};

function drawSteps({ result, attempts }: RunDescription): void {
  const all = Object.entries(result.steps);
  const interesting =
    all.length <= SHOWN ? all : all.filter(([, step]) => !['pending', 'succeeded', 'cached'].includes(step.status)).slice(0, SHOWN);
  const width = Math.max(4, ...interesting.map(([name]) => name.length));
  const columns = process.stderr.columns || 100;
  const lines = interesting.map(
    ([name, step]) => `${MARKS[step.status]} ${name.padEnd(width)}  ${fit(facts(name, step, attempts), columns - width - 5)}`,
  );
  const ended = all.filter(([, step]) => !['pending', 'running', 'waiting'].includes(step.status)).length;
  if (all.length > SHOWN) lines.push(`${ended} of ${all.length} steps have ended`);
  logUpdate(lines.join('\n'));
}

// The summary goes to stdout; what moves goes to stderr, so that a pipe gets the summary alone.
const logUpdate = createLogUpdate(process.stderr);

interface Fact {
  text: string;
  paint?: (text: string) => string;
}

function facts(name: string, step: StepResult, attempts: RunDescription['attempts']): Fact[] {
  if (step.status === 'pending') return [];
  const now = attempts.filter((attempt) => attempt.step === name).at(-1);
  const progress =
    step.status === 'running' && now?.progress != null ? `${Math.round(100 * now.progress)} % ${now.progressMessage ?? ''}` : '';
  const error = step.error && step.status !== 'succeeded' ? `${step.error.type}: ${step.error.message.split('\n')[0]}` : '';
  const all: Fact[] = [
    { text: step.durationMs || step.attempts ? duration(step.durationMs) : '' },
    { text: step.attempts > 1 ? `attempt ${step.attempts}` : '' },
    { text: progress.trim() },
    { text: step.reason ?? '' },
    { text: error, paint: pc.red },
    ...Object.entries(step.outputs).map(([output, ref]) => ({ text: `${output}: ${ref.preview ?? ref.type}`, paint: pc.dim })),
  ];
  return all.filter(({ text }) => text);
}

/** As many of the facts as a line has room for; the last one is cut. */
function fit(all: readonly Fact[], room: number): string {
  let left = room;
  return all
    .map(({ text, paint = String }) => {
      if (left < 2) return '';
      const shown = text.length <= left ? text : `${text.slice(0, left - 1)}…`;
      left -= shown.length + 2;
      return paint(shown);
    })
    .filter(Boolean)
    .join('  ');
}

function changedSteps(pipeline: string): (run: RunDescription) => void {
  const seen = new Map<string, string>();
  return ({ result, attempts }) => {
    for (const [name, step] of Object.entries(result.steps)) {
      const state = `${step.status} ${step.attempts}`;
      if (step.status === 'pending' || seen.get(name) === state) continue;
      seen.set(name, state);
      const text =
        step.status === 'running' ? (step.attempts > 1 ? `attempt ${step.attempts}` : '') : fit(facts(name, step, attempts), LINE);
      console.error(`${pipeline}  ${name}  ${step.status}  ${text}`.trimEnd());
    }
  };
}
