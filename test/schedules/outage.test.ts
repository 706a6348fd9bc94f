import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { clientOf } from '../../client/index.ts';
import { startSession } from '../../client/session.ts';
import { servicesStatus, stopServices } from '../../services/index.ts';
import { findProject } from '../../stacks/project.ts';
import { killHard } from '../services/project.ts';
import { until } from '../support/project.ts';

// On servers of its own: Temporal is away for longer than a schedule's catch-up window.

const root = mkdtempSync(join(tmpdir(), 'flowyml-outage-'));
afterAll(async () => {
  await stopServices({ root, purge: true });
  rmSync(root, { recursive: true, force: true });
});

it('runs that are overdue by more than the catch-up window are left out, and counted', async () => {
  writeFileSync(join(root, 'flowyml.yaml'), 'project: outage\n');
  const before = await startSession(findProject(root));
  const client = clientOf(before);
  await client.schedules.create('heartbeat', { interval: '1 second', catchupWindow: '10 seconds', overlap: 'allowAll' });
  await until(async () => (await client.schedules.show('heartbeat')).taken >= 2, 'two runs', 30_000);
  expect((await client.schedules.show('heartbeat')).skipped.missedCatchupWindow).toBe(0);
  await client.close();

  const { temporal } = await servicesStatus({ root });
  await killHard(temporal.pid);
  await wait(14_000);
  const after = await startSession(findProject(root));
  const again = clientOf(after);
  await until(async () => (await again.schedules.show('heartbeat')).skipped.missedCatchupWindow > 0, 'the count', 30_000);
  const { skipped, taken } = await again.schedules.show('heartbeat');
  // Of some 14 seconds, those of the last ten are made up for.
  expect(skipped).toMatchObject({ overlap: 0, bufferDropped: 0 });
  expect(taken).toBeGreaterThan(2 + skipped.missedCatchupWindow);
  await again.schedules.delete('heartbeat');
  await again.close();
});
