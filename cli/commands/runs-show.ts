import { describeRun } from '../../client/describe-run.ts';
import { findAnyRun } from '../../client/find-run.ts';
import { joinSession } from '../../client/session.ts';
import { duration, formatSummary } from '../../client/summary.ts';
import { type AttemptRow, FALLBACK, readMetrics } from '../../metadata/index.ts';
import { findProject } from '../../stacks/project.ts';
import { printJson, printTable, runLink } from '../output.ts';

/** `flowyml runs show`: one run's steps, attempts, measured values and errors. */
export async function showRun(runId: string, options: { json?: boolean }): Promise<void> {
  const session = await joinSession(findProject());
  try {
    const found = await findAnyRun(session.temporal.client, session.db, runId);
    if ('waiting' in found) {
      if (options.json) printJson(found.waiting);
      else console.log(`Run ${runId} of ${found.waiting.pipeline}: ${found.waiting.status}\n  ${found.reason}`);
      return;
    }
    const { result, attempts, row } = await describeRun(session.db, found.row);
    const metrics = await readMetrics(session.db, row);
    if (options.json) {
      printJson({ ...result, history: attempts.map(attemptFacts), ...(row.error ? { error: row.error } : {}) });
      return;
    }
    console.log(formatSummary(result));
    if (row.error?.type === 'EndedOutside') console.log(`\n${row.error.message}`);
    const notable = attempts.filter((attempt) => attempt.status !== 'succeeded' || attempt.attempt > 1);
    if (notable.length) {
      console.log('\nAttempts');
      printTable(['STEP', 'ATTEMPT', 'STATUS', 'STARTED', 'TIME', 'WORKER', ''], attempts.map(attemptCells));
    }
    if (metrics.length) {
      console.log('\nMetrics (last values)');
      const last = new Map(metrics.map((metric) => [`${metric.step} ${metric.name}`, metric]));
      printTable(
        ['STEP', 'METRIC', 'VALUE', 'AT'],
        [...last.values()].map((m) => [m.step, m.name, m.value, m.point ?? '']),
      );
    }
    const { ui, namespace } = session.services.temporal;
    if (ui) console.log(`\nTemporal Web: ${runLink(ui, namespace, runId)}`);
  } finally {
    await session.close();
  }
}

const attemptFacts = (attempt: AttemptRow) => ({
  step: attempt.step,
  ...(attempt.index >= 0 ? { batch: attempt.index } : attempt.index === FALLBACK ? { fallback: true } : {}),
  attempt: attempt.attempt,
  status: attempt.status,
  startedAt: attempt.startedAt.toISOString(),
  ...(attempt.endedAt ? { endedAt: attempt.endedAt.toISOString() } : {}),
  worker: attempt.worker,
  ...(attempt.error ? { error: attempt.error } : {}),
});

const attemptCells = (attempt: AttemptRow) => [
  attempt.index >= 0 ? `${attempt.step} [${attempt.index}]` : attempt.index === FALLBACK ? `${attempt.step} (fallback)` : attempt.step,
  attempt.attempt,
  attempt.status,
  attempt.startedAt.toISOString().slice(11, 19),
  duration((attempt.endedAt ?? new Date()).getTime() - attempt.startedAt.getTime()),
  attempt.worker,
  attempt.error ? `${attempt.error.type}: ${attempt.error.message.split('\n')[0]}`.slice(0, 100) : '',
];
