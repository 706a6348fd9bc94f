import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { temporal } from '@temporalio/proto';
import { UsageError } from '../pipelines/errors.ts';

/** A workflow's history, in Temporal's own form. */
export type History = temporal.api.history.v1.IHistory;

export interface NamedHistory {
  workflowId: string;
  history: History;
}

/**
 * Reads a history from a file, as `temporal workflow show --output json` and Temporal Web's download write it.
 * @throws UsageError naming the file, where it is none
 */
export function readHistoryFile(file: string): NamedHistory {
  const json = parse(file);
  const { events } = json as { events?: unknown };
  if (!Array.isArray(events) || !events.length)
    throw new UsageError(
      `${file} is not a workflow's history: expected { "events": [...] }, as 'temporal workflow show --output json' writes it`,
    );
  try {
    return { workflowId: workflowIdIn(events) ?? basename(file).replace(/\.json$/, ''), history: historyFromJson(json) };
  } catch (error) {
    throw new UsageError(`${file} is not a workflow's history: ${(error as Error).message}`, { cause: error });
  }
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read as JSON: ${message}`, { cause: error });
  }
}

function workflowIdIn(events: readonly unknown[]): string | undefined {
  const [first] = events as { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[];
  return first?.workflowExecutionStartedEventAttributes?.workflowId;
}

type Fn = (...args: unknown[]) => unknown;

/**
 * A history as the SDK takes it. The SDK would read the JSON by itself, but fails with "type must be a Type" where npm has
 * put several copies of protobufjs: it must be that of @temporalio/proto.
 */
export function historyFromJson(json: unknown): History {
  const load = createRequire(createRequire(import.meta.url).resolve('@temporalio/proto'));
  const { patchProtobufRoot } = load('@temporalio/proto/lib/patch-protobuf-root') as { patchProtobufRoot: Fn };
  const root = patchProtobufRoot(load('@temporalio/proto')) as { lookupType: Fn };
  const { fromJson } = load('protobufjs/ext/protojson') as { fromJson: Fn };
  return fromJson(root.lookupType('temporal.api.history.v1.History'), json, { ignoreUnknownFields: true }) as History;
}
