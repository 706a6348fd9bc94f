import type { StepOutcome } from '../pipelines/protocol.ts';
import type { RunState } from './state.ts';

// Beyond this many rows the table helps nobody; the summary line still counts all.
const ROWS = 60;

/** The run's table of steps, in the Markdown that Temporal Web renders. */
export function details(state: RunState): string {
  const total = state.steps.length;
  const lines = [`**${state.ended.size} of ${total}** steps have ended, ${state.running.size} running.`, ''];
  if (state.failure) lines.push(`Step \`${state.failure.step}\` failed: ${text(state.failure.error.message)}`, '');
  lines.push('| step | status | attempts | time | outputs |', '|---|---|---|---|---|');
  for (const step of shown(state)) {
    const outcome = state.ended.get(step.name);
    const status = outcome?.status ?? (state.running.has(step.name) ? 'running' : 'pending');
    lines.push(
      `| ${step.name} | ${status} | ${outcome?.attempts ?? ''} | ${outcome ? seconds(outcome.durationMs) : ''} | ${outcome ? notes(outcome) : ''} |`,
    );
  }
  if (total > ROWS) lines.push('', `and ${total - ROWS} more steps`);
  return lines.join('\n');
}

/** Of many steps, those that a reader looks for: what failed and what runs. */
function shown(state: RunState) {
  if (state.steps.length <= ROWS) return state.steps;
  const rank = (name: string) => (state.ended.get(name)?.status === 'failed' ? 0 : state.running.has(name) ? 1 : 2);
  return [...state.steps].sort((a, b) => rank(a.name) - rank(b.name)).slice(0, ROWS);
}

function notes(outcome: StepOutcome): string {
  if (outcome.reason) return text(outcome.reason);
  return Object.entries(outcome.outputs)
    .map(([name, ref]) => `${name}: ${text(ref.preview ?? ref.type)}`)
    .join('<br>');
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
const text = (s: string) => s.replace(/[|\n\r<>]/g, ' ').slice(0, 120);
