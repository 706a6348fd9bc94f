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

/** Shows a run's steps as they go, until stopped: redrawn on a terminal, a line for each change elsewhere. */
export function followRun(db: Database, runId: string, pipeline: string): { stop(): Promise<void> } {
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
  const lines = interesting.map(([name, step]) =>
    `${MARKS[step.status]} ${name.padEnd(width)}  ${facts(name, step, attempts)}`.slice(0, (process.stderr.columns || 100) + 20),
  );
  const ended = all.filter(([, step]) => !['pending', 'running', 'waiting'].includes(step.status)).length;
  if (all.length > SHOWN) lines.push(`${ended} of ${all.length} steps have ended`);
  logUpdate(lines.join('\n'));
}

// The summary goes to stdout; what moves goes to stderr, so that a pipe gets the summary alone.
const logUpdate = createLogUpdate(process.stderr);

function facts(name: string, step: StepResult, attempts: RunDescription['attempts']): string {
  if (step.status === 'pending') return '';
  const now = attempts.filter((attempt) => attempt.step === name).at(-1);
  const progress =
    step.status === 'running' && now?.progress != null ? `${Math.round(100 * now.progress)} % ${now.progressMessage ?? ''}` : '';
  const tries = step.attempts > 1 ? `attempt ${step.attempts}` : '';
  const error = step.error && step.status !== 'succeeded' ? pc.red(`${step.error.type}: ${step.error.message.split('\n')[0]}`) : '';
  const made = Object.entries(step.outputs).map(([output, ref]) => `${output}: ${ref.preview ?? ref.type}`);
  return [step.status === 'skipped' ? '' : duration(step.durationMs), tries, progress, step.reason ?? '', error, ...made.map(pc.dim)]
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
      const text = step.status === 'running' ? (step.attempts > 1 ? `attempt ${step.attempts}` : '') : facts(name, step, attempts);
      console.error(`${pipeline}  ${name}  ${step.status}  ${text}`.trimEnd());
    }
  };
}
