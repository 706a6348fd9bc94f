import { userInfo } from 'node:os';
import { decide, pause, resume } from '../../client/control.ts';
import { findAnyRun } from '../../client/find-run.ts';
import { joinSession, type Session } from '../../client/session.ts';
import { findProject } from '../../stacks/project.ts';

/** `flowyml runs approve` and `reject`: decides a step that waits for people. */
export async function decideStep(
  decision: 'approve' | 'reject',
  runId: string,
  step: string,
  options: { by?: string; comment?: string },
): Promise<void> {
  await joined(async ({ temporal, db }) => {
    await findAnyRun(temporal.client, db, runId);
    const request = { step, by: options.by ?? userInfo().username, ...(options.comment === undefined ? {} : { comment: options.comment }) };
    const taken = await decide(temporal.client, runId, decision, request);
    console.log(`Step ${step} of run ${runId} is ${taken.decision}, by ${taken.by}.`);
  });
}

/** `flowyml runs pause`: what runs goes on, nothing new starts. */
export async function pauseRun(runId: string): Promise<void> {
  await joined(async ({ temporal, db }) => {
    await findAnyRun(temporal.client, db, runId);
    await pause(temporal.client, runId);
    console.log(`Run ${runId} pauses: steps that run go on, nothing new starts.`);
  });
}

/** `flowyml runs resume`: lets a paused run go on. */
export async function resumeRun(runId: string): Promise<void> {
  await joined(async ({ temporal, db }) => {
    await findAnyRun(temporal.client, db, runId);
    await resume(temporal.client, runId);
    console.log(`Run ${runId} goes on.`);
  });
}

async function joined(action: (session: Session) => Promise<void>): Promise<void> {
  const session = await joinSession(findProject());
  try {
    await action(session);
  } finally {
    await session.close();
  }
}
