import type { StepStatus } from '../pipelines/run-result.ts';
import type { RunState } from './state.ts';

/** How a status is drawn: a sign, and a colour that reads well on white and on black. */
export interface Look {
  sign: string;
  colour: string;
}

export const LOOKS: Record<StepStatus, Look> = {
  succeeded: { sign: '✓', colour: '#15803d' },
  cached: { sign: '↺', colour: '#0f766e' },
  running: { sign: '▶', colour: '#2563eb' },
  waiting: { sign: '?', colour: '#b45309' },
  failed: { sign: '✗', colour: '#c62828' },
  cancelled: { sign: '■', colour: '#6b7280' },
  skipped: { sign: '–', colour: '#808792' },
  pending: { sign: '○', colour: '#808792' },
};

/** How a step stands now. */
export function statusOf(state: RunState, step: string): StepStatus {
  const outcome = state.ended.get(step);
  if (outcome) return outcome.status;
  if (state.waiting.has(step)) return 'waiting';
  return state.running.has(step) ? 'running' : 'pending';
}

/** A span of time for a narrow column: `1.23 s`, `65 s`, `12 min`, `3 h 05 min`. */
export function shortTime(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
