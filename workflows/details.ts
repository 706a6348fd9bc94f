import type { StepOutcome } from '../pipelines/protocol.ts';
import type { RunState } from './state.ts';

// Beyond this many rows the table helps nobody; the summary line still counts all.
const ROWS = 60;

/** The run's table of steps, in the Markdown that Temporal Web renders. */
export function details(state: RunState): string {
  const total = state.steps.length;
  const lines = [`**${state.ended.size} of ${total}** steps have ended, ${state.running.size} running.`, ''];
  if (state.failure) lines.push(`Step \`${state.failure.step}\` failed: ${text(state.failure.error.message)}`, '');
  // Temporal Web gives a table no room between columns: the blanks that it does not fold make some.
  lines.push(row(['step', 'status', 'attempts', 'time']), '|---|---|---|---|');
  for (const step of shown(state)) {
    const outcome = state.ended.get(step.name);
    const status = outcome?.status ?? (state.running.has(step.name) ? 'running' : 'pending');
    lines.push(row([step.name, status, String(outcome?.attempts ?? ''), outcome ? seconds(outcome.durationMs) : '']));
  }
  if (total > ROWS) lines.push('', `and ${total - ROWS} more steps`);
  const made = shown(state).flatMap((step) => notes(step.name, state.ended.get(step.name)));
  return [...lines, '', ...made].join('\n');
}

const row = (cells: string[]) => `| ${cells.map((cell) => `${cell}\u00a0\u00a0`).join(' | ')} |`;

/** Of many steps, those that a reader looks for: what failed and what runs. */
function shown(state: RunState) {
  if (state.steps.length <= ROWS) return state.steps;
  const rank = (name: string) => (state.ended.get(name)?.status === 'failed' ? 0 : state.running.has(name) ? 1 : 2);
  return [...state.steps].sort((a, b) => rank(a.name) - rank(b.name)).slice(0, ROWS);
}

/** What a step made, or why it did not run, as items of a list. */
function notes(name: string, outcome: StepOutcome | undefined): string[] {
  if (!outcome) return [];
  if (outcome.reason) return [`- ${name}: ${text(outcome.reason)}`];
  return Object.entries(outcome.outputs).map(([output, ref]) => `- ${name} → ${output}: ${text(ref.preview ?? ref.type)}`);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)}\u00a0s`;
const text = (s: string) => s.replace(/[|\n\r<>]/g, ' ').slice(0, 80);
