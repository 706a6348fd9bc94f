import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, type ReplayHistoriesIterable, Runtime, Worker } from '@temporalio/worker';

// Replays every recorded history against a workflow bundle, and prints what Temporal says of those that differ, as JSON.
// A process of its own: with the conditions that vitest resolves packages by, protobufjs does without 64-bit integers.
//   node --import ./loader/register.mjs test/replay/replay.ts BUNDLE

type History = ReplayHistoriesIterable extends AsyncIterable<{ history: infer H }> | Iterable<{ history: infer H }> ? H : never;
type Fn = (...args: unknown[]) => unknown;

const FOLDER = new URL('../histories/', import.meta.url);
const [, , codePath = ''] = process.argv;
Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } });

const histories = readdirSync(fileURLToPath(FOLDER)).map((file) => ({
  workflowId: file.replace(/\.json$/, ''),
  history: fromJson(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))),
}));
const differ: Record<string, string> = {};
for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
  if (error) differ[workflowId] = `${error.name}: ${error.message}`;
}
console.log(JSON.stringify(differ));

/**
 * A history as the SDK takes it, from Temporal's JSON. The SDK would do it by itself, but fails with "type must be a Type"
 * where npm has put several copies of protobufjs: it must be that of @temporalio/proto.
 */
function fromJson(json: unknown): History {
  const load = createRequire(createRequire(import.meta.url).resolve('@temporalio/proto'));
  const { patchProtobufRoot } = load('@temporalio/proto/lib/patch-protobuf-root') as { patchProtobufRoot: Fn };
  const root = patchProtobufRoot(load('@temporalio/proto')) as { lookupType: Fn };
  const { fromJson } = load('protobufjs/ext/protojson') as { fromJson: Fn };
  return fromJson(root.lookupType('temporal.api.history.v1.History'), json, { ignoreUnknownFields: true }) as History;
}
