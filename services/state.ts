import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Places } from './places.ts';

/** What `.flowyml/services.json` keeps. Written only by who holds the lock; read by anyone. */
export interface State {
  temporal?: TemporalState;
  /** By data folder: stacks of one project may name several. */
  postgres: Record<string, { port: number }>;
}

export interface TemporalState {
  port: number;
  uiPort: number;
  pid?: number;
  /** The server with this pid has answered. */
  ready?: boolean;
  /** What its database was told once: retention, and the search attributes it has. */
  retention?: string;
  searchAttributes?: string[];
  /** Its task queues have had one partition from the start. */
  onePartition?: boolean;
}

export function readState(places: Places): State {
  try {
    const state: unknown = JSON.parse(readFileSync(places.state, 'utf8'));
    return isState(state) ? state : { postgres: {} };
  } catch {
    // Absent, or spoiled by hand: ports are chosen anew, and running servers are found by their command lines.
    return { postgres: {} };
  }
}

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeState(places: Places, state: State): void {
  const draft = `${places.state}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(draft, places.state);
}

function isState(value: unknown): value is State {
  if (!isRecord(value) || !isRecord(value.postgres)) return false;
  if (!Object.values(value.postgres).every((one) => isRecord(one) && isPort(one.port))) return false;
  return value.temporal === undefined || (isRecord(value.temporal) && isPort(value.temporal.port) && isPort(value.temporal.uiPort));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
