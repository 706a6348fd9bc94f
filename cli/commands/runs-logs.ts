import { setTimeout as wait } from 'node:timers/promises';
import { requireRun } from '../../client/describe-run.ts';
import { reconcile } from '../../client/reconcile.ts';
import { joinSession } from '../../client/session.ts';
import { findPlan, type LogRow, readLogs } from '../../metadata/index.ts';
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

/** `flowyml runs logs`: what the steps of a run printed and logged, each attempt's kept. */
export async function showLogs(runId: string, step: string | undefined, options: LogOptions): Promise<void> {
  const attempt = wholeNumber(options.attempt, '--attempt');
  const session = await joinSession(findProject());
  try {
    let run = await requireRun(session.db, runId);
    const names = (await findPlan(session.db, run.planHash))?.steps.map(({ name }) => name) ?? [];
    if (step !== undefined && !names.includes(step)) throw new UsageError(`run '${runId}' has no step '${step}'${hint(step, names)}`);
    let afterId = 0;
    for (;;) {
      // The state is asked before the lines are: whatever is written before the end is read after it.
      if (options.follow) run = await reconcile(session.temporal.client, session.db, await requireRun(session.db, runId));
      const lines = await readLogs(session.db, run, {
        afterId,
        limit: PAGE,
        ...(step === undefined ? {} : { step }),
        ...(attempt === undefined ? {} : { attempt }),
      });
      for (const line of lines) console.log(options.json ? JSON.stringify(asJson(line)) : asText(line));
      afterId = lines.at(-1)?.id ?? afterId;
      if (lines.length === PAGE && outputIsRead()) continue;
      if (!options.follow || !isOpen(run.status) || !outputIsRead()) return;
      await wait(POLL_MS);
    }
  } finally {
    await session.close();
  }
}

const asText = (line: LogRow) => {
  const source = line.stream === 'log' ? line.level : line.stream;
  return `${line.at.toISOString().slice(11, 23)} ${line.step}#${line.attempt} ${source.padEnd(6)} ${line.text}`;
};

const asJson = ({ at, step, attempt, stream, level, text }: LogRow) => ({ at: at.toISOString(), step, attempt, stream, level, text });
