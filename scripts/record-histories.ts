import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { startSession } from '../client/session.ts';
import { loadModule } from '../loader/load-module.ts';
import { stopServices } from '../services/index.ts';
import { findTemporalBinary, temporalCandidates } from '../services/temporal/binary.ts';
import { findProject } from '../stacks/project.ts';
import { neutral, type Replacements, textOf } from '../test/replay/neutral.ts';
import { RECORDINGS, starter } from '../test/replay/recordings.ts';
import { createWorker } from '../workers/worker.ts';

// Records the histories that test/replay/ replays, on services of its own:
//   node -C flowyml-source --import ./loader/register.mjs scripts/record-histories.ts [NAME…]
// Before a release: whenever the interpreter changes. After one: only new ones, since runs of the release must go on.

const CLONE = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const HISTORIES = join(CLONE, 'test', 'histories');
// So that a run continues as new after a few steps; the others are shorter.
const SUGGEST_AFTER_EVENTS = 60;
const LARGEST = 100 * 1024;

const run = promisify(execFile);
const say = (line: string) => console.error(line);

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in RECORDINGS));
if (unknown.length) {
  say(`no recording is named ${unknown.join(', ')}; there are ${Object.keys(RECORDINGS).join(', ')}`);
  process.exit(2);
}
const root = mkdtempSync(join(tmpdir(), 'flowyml-histories-'));
writeFileSync(join(root, 'flowyml.yaml'), 'project: recorded\n');
const { path: temporal } = await findTemporalBinary(process.env, temporalCandidates(process.env, say));
process.env.TEMPORAL_CLI_PATH = eagerServer(temporal);
delete process.env.TEMPORAL_ADDRESS;
delete process.env.FLOWYML_DATABASE_URL;
try {
  const project = findProject(root);
  const session = await startSession(project, { onProgress: say });
  const { pipelines, file: module } = await loadModule(join(CLONE, 'test', 'replay', 'pipelines.ts'));
  const worker = await createWorker({
    project,
    temporal: session.services.temporal,
    databaseUrl: session.services.postgres.url,
    pipelines: pipelines.map((each) => ({ ...each, module })),
  });
  const running = worker.run();
  try {
    const start = starter(session.temporal.client, project.name);
    const replacements: Replacements = [
      [root, '/project'],
      [CLONE, '/flowyml'],
      [worker.id, 'worker'],
      [`${process.pid}@${hostname()}`, 'worker'],
      [hostname(), 'host'],
    ];
    for (const [name, record] of Object.entries(RECORDINGS)) {
      if (!chosen.length || chosen.includes(name)) {
        await write(name, await record(start), session.services.temporal.address, replacements);
      }
    }
  } finally {
    worker.shutdown();
    await running;
    await session.close();
  }
} finally {
  await stopServices({ root, purge: true });
  rmSync(root, { recursive: true, force: true });
}

/** A `temporal` whose server suggests early that a run continue as new. */
function eagerServer(binary: string): string {
  const file = join(root, 'temporal');
  const suggest = `limit.historyCount.suggestContinueAsNew=${SUGGEST_AFTER_EVENTS}`;
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = server ]; then set -- "$@" --dynamic-config-value ${suggest}; fi\nexec '${binary}' "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Writes the histories of a run's executions: one, or, where it continued as new, each with a number. */
async function write(name: string, handle: WorkflowHandle, address: string, replacements: Replacements): Promise<void> {
  for (const old of readdirSync(HISTORIES)) {
    if (old === `${name}.json` || (old.startsWith(`${name}-`) && /-\d+\.json$/.test(old))) rmSync(join(HISTORIES, old));
  }
  const executions: unknown[] = [];
  for (let runId = (handle as { firstExecutionRunId?: string }).firstExecutionRunId; runId; ) {
    const args = ['workflow', 'show', '--address', address, '--workflow-id', handle.workflowId, '--run-id', runId, '--output', 'json'];
    const { stdout } = await run(temporal, args, { maxBuffer: 64 * 2 ** 20 });
    const history = JSON.parse(stdout) as { events: { workflowExecutionContinuedAsNewEventAttributes?: { newExecutionRunId: string } }[] };
    executions.push(history);
    runId = history.events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  for (const [i, history] of executions.entries()) {
    const file = executions.length > 1 ? `${name}-${i + 1}.json` : `${name}.json`;
    const text = `${JSON.stringify(scrubbed(history, replacements), null, 1)}\n`;
    if (text.length > LARGEST) throw new Error(`${file} would have ${text.length} bytes: make its pipeline smaller`);
    writeFileSync(join(HISTORIES, file), text);
    say(`${file.padEnd(36)} ${(history as { events: unknown[] }).events.length} events, ${Math.ceil(text.length / 1024)} KB`);
  }
}

function scrubbed(history: unknown, replacements: Replacements): unknown {
  const result = neutral(history, replacements);
  const text = textOf(result);
  const told = [root, CLONE, hostname(), userInfo().homedir].find((word) => text.includes(word));
  if (told) throw new Error(`a history names ${told}`);
  return result;
}
