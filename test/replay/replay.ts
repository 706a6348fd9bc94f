import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { firstDifference } from '../../testing/difference.ts';
import { readHistoryFile } from '../../testing/history-file.ts';

// Replays every recorded history against a workflow bundle, and prints what Temporal says of those that differ, as JSON.
// A process of its own: with the conditions that vitest resolves packages by, protobufjs does without 64-bit integers.
//   node --import ./loader/register.mjs test/replay/replay.ts BUNDLE

const FOLDER = fileURLToPath(new URL('../histories/', import.meta.url));
const [, , codePath = ''] = process.argv;
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } });

const histories = readdirSync(FOLDER).map((file) => ({
  workflowId: file.replace(/\.json$/, ''),
  history: readHistoryFile(join(FOLDER, file)).history,
}));
const differ: Record<string, { error: string; difference: string }> = {};
for (const each of histories) {
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, [each])) {
    if (error) differ[each.workflowId] = { error: error.name, difference: firstDifference(error, each.history) };
  }
}
console.log(JSON.stringify(differ));
