import {
  type AttemptRow,
  type Database,
  findPlan,
  listAttempts,
  listSlotWaits,
  type RunRow,
  readEnds,
  type SlotWait,
} from '../metadata/index.ts';
import type { PlanStep } from '../pipelines/plan.ts';
import type { WaitingApproval } from '../pipelines/protocol.ts';
import { isOpen, type RunResult, type StepResult } from '../pipelines/run-result.ts';

/** A run as the database knows it: the result so far, and every attempt of its steps. */
export interface RunDescription {
  result: RunResult;
  attempts: AttemptRow[];
  row: RunRow;
}

/** What the database knows of a run. */
export async function describeRun(db: Database, row: RunRow): Promise<RunDescription> {
  const [plan, ends, attempts, waits] = await Promise.all([
    findPlan(db, row.planHash),
    readEnds(db, row),
    listAttempts(db, row),
    isOpen(row.status) ? listSlotWaits(db, row) : [],
  ]);
  const steps: Record<string, StepResult> = {};
  for (const step of plan?.steps ?? []) {
    const end = ends[step.name];
    const place = { ...(step.group === undefined ? {} : { group: step.group }), stack: step.stack ?? row.stack };
    steps[step.name] = { ...(end ?? stepWithoutEnd(step, attempts, waits, row)), ...place };
  }
  return { row, attempts, result: { ...runHead(row), steps } };
}

/** A run without its steps, as lists show it. */
export function runHead(row: RunRow): Omit<RunResult, 'steps'> {
  return {
    runId: row.runId,
    pipeline: row.pipeline,
    version: row.version,
    project: row.project,
    stack: row.stack,
    status: row.status,
    startedAt: row.startedAt.toISOString(),
    durationMs: (row.endedAt ?? (isOpen(row.status) ? new Date() : row.startedAt)).getTime() - row.startedAt.getTime(),
  };
}

/** Where a step stands; a run that was ended from outside could not say how its steps ended. */
function stepWithoutEnd(step: PlanStep, attempts: readonly AttemptRow[], waits: readonly SlotWait[], row: RunRow): StepResult {
  const waiting = row.waiting?.[step.name];
  const open = waiting ? waitingStep(waiting) : openStep(step, attempts, waits);
  if (isOpen(row.status)) return open;
  const end = row.endedAt ?? row.startedAt;
  const durationMs = Math.max(0, open.durationMs - (Date.now() - end.getTime()));
  return {
    ...open,
    status: 'cancelled',
    reason: `the run ended before it did${row.error ? `: ${row.error.message}` : ''}`,
    durationMs: open.attempts ? durationMs : 0,
  };
}

/** An approval that nobody has decided yet. */
function waitingStep({ message, since, until }: WaitingApproval): StepResult {
  const reason = `for approval${message ? `: ${message}` : ''}${until ? ` (until ${until})` : ''}`;
  return { status: 'waiting', reason, attempts: 0, durationMs: Date.now() - Date.parse(since), outputs: {} };
}

function openStep(step: PlanStep, attempts: readonly AttemptRow[], waits: readonly SlotWait[]): StepResult {
  const own = attempts.filter((attempt) => attempt.step === step.name);
  // The attempts of a map are its batches': the one that started last need not be the one that runs.
  const last = own.findLast(({ status }) => status === 'running') ?? own.at(-1);
  const wait = waits.find((each) => each.step === step.name);
  const forSlot = wait && { status: 'waiting' as const, reason: `for a slot of group ${wait.group} (max ${wait.max})` };
  if (!last) return { ...(forSlot ?? { status: 'pending' }), attempts: 0, durationMs: 0, outputs: {} };
  const since = own[0]?.startedAt ?? last.startedAt;
  return {
    ...(last.status === 'running'
      ? { status: 'running' as const }
      : (forSlot ?? { status: 'waiting' as const, reason: 'for its next attempt' })),
    attempts: own.length,
    durationMs: Math.max(0, Date.now() - since.getTime()),
    outputs: {},
    ...(last.error ? { error: last.error } : {}),
  };
}
