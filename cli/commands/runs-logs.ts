import { setTimeout as wait } from 'node:timers/promises';
import { findAnyRun } from '../../client/find-run.ts';
import { reconcile } from '../../client/reconcile.ts';
import { joinSession, type Session } from '../../client/session.ts';
import { findPlan, type LogRow, type RunRow, readLogs } from '../../metadata/index.ts';
import { UsageError } from '../../pipelines/errors.ts';
import { hint } from '../../pipelines/names.ts';
import { isOpen } from '../../pipelines/run-result.ts';
import { findProject } from '../../stacks/project.ts';
import { wholeNumber } from '../options.ts';
import { outputIsRead } from '../pipes.ts';

interface LogOptions {
  attempt?: string;
  follow?: boolean;
  json?: boolean;
}

const PAGE = 5000;
const POLL_MS = 300;
// By when a line that was written is there for all to see.
const SETTLED_MS = 5000;

/** `flowyml runs logs`: what the steps of a run printed and logged, each attempt's kept. */
export async function showLogs(runId: string, step: string | undefined, options: LogOptions): Promise<void> {
  const attempt = wholeNumber(options.attempt, '--attempt');
  const session = await joinSession(findProject());
  try {
    let run = await plannedRun(session, runId, options);
    const names = (await findPlan(session.db, run.planHash))?.steps.map(({ name }) => name) ?? [];
    if (step !== undefined && !names.includes(step)) throw new UsageError(`run '${runId}' has no step '${step}'${hint(step, names)}`);
    // Ids are given when a line is inserted and seen when it is committed: a slower worker's line may come out behind
    // later ones. So the last seconds are read again, and lines that were shown are left out.
    let settled = 0;
    let shown = new Set<number>();
    for (;;) {
      // The state is asked before the lines are: whatever is written before the end is read after it.
      if (options.follow) run = await reconcile(session.temporal.client, session.db, run);
      const lines = await readLogs(session.db, run, {
        afterId: settled,
        limit: PAGE,
        ...(step === undefined ? {} : { step }),
        ...(attempt === undefined ? {} : { attempt }),
      });
      for (const line of lines) {
        if (!shown.has(line.id)) console.log(options.json ? JSON.stringify(asJson(line)) : asText(line));
        shown.add(line.id);
      }
      const full = lines.length === PAGE;
      const settledLines = full ? lines : lines.filter((line) => line.at.getTime() < Date.now() - SETTLED_MS);
      settled = Math.max(settled, ...settledLines.map((line) => line.id));
      shown = new Set([...shown].filter((id) => id > settled));
      if (full && outputIsRead()) continue;
      if (!options.follow || !isOpen(run.status) || !outputIsRead()) return;
      await wait(POLL_MS);
    }
  } finally {
    await session.close();
  }
}

/** The run, as soon as it has steps that could write: one that was just started, or that no worker serves, has none yet. */
async function plannedRun({ temporal, db }: Session, runId: string, { follow }: LogOptions): Promise<RunRow> {
  for (;;) {
    const found = await findAnyRun(temporal.client, db, runId);
    if ('row' in found) return found.row;
    const { waiting, reason } = found;
    if (!follow || !isOpen(waiting.status)) throw new UsageError(`run '${runId}' has no logs: it is ${waiting.status}; ${reason}`);
    await wait(POLL_MS);
  }
}

const asText = (line: LogRow) => {
  const source = line.stream === 'log' ? line.level : line.stream;
  return `${line.at.toISOString().slice(11, 23)} ${line.step}#${line.attempt} ${source.padEnd(6)} ${line.text}`;
};

const asJson = ({ at, step, attempt, stream, level, text }: LogRow) => ({ at: at.toISOString(), step, attempt, stream, level, text });
